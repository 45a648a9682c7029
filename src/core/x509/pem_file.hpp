#pragma once
#include "core/openssl/handle.hpp"
#include "core/base/types.hpp"

#include <string>
#include <string_view>

// Files of certificates and CRLs; CRLs (RFC 5280, section 5).
namespace sslinfo::core {

// Limits far above real files, with which OpenSSL needs less than a second.
inline constexpr std::size_t pem_lines_max = 2'000'000;
inline constexpr int pem_objects_max = 2'000;

// Removes the next block and the text before it from `pem`, and returns the block; empty if there is none. A block ends
// with the line of "-----END" or with the text. `blanks` may precede "-----BEGIN" in its line.
std::string_view cut_pem_block(std::string_view &pem, std::string_view blanks);

// Returns the blocks of a PEM file without the text between them, which OpenSSL reads slowly: seconds for 64 MB of line
// feeds. Freeing it wipes its memory. Throws Error(limit_exceeded) if the file is too long.
BioHandle pem_blocks(std::string_view file);

// Returns the certificates and CRLs of a PEM file in order, one per X509_INFO, like X509_load_cert_crl_file(). Throws
// Error(invalid_text) if a block is malformed or there is none, Error(limit_exceeded) if there are too many. Never
// prompts for a pass phrase. Reads each block on its own: PEM_X509_INFO_read_bio() joins a certificate and the CRL
// after it.
InfosHandle read_pem_file(std::string_view file);

// Returns OpenSSL's reason for a malformed block, or a general text if it has none (3.0, malformed base64).
std::string pem_reason();

// Pass phrase callback for PEM_read_bio_...() that provides none. Sets the bool `prompted`, if not null.
int no_pass_phrase(char *, int, int, void *prompted);

// Returns lower-case hex of the SHA-256 of the DER.
std::string crl_fingerprint(const X509_CRL &crl);
// Returns the number of revoked certificates.
int crl_entries(const X509_CRL &crl);
// True if the CRL is already issued and the next update is not due.
bool is_current(const X509_CRL &crl, Timestamp now);

}   // namespace sslinfo::core
