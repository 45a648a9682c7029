#pragma once
#include "core/openssl/handle.hpp"
#include "core/base/types.hpp"

#include <string>
#include <string_view>

// Files of certificates and CRLs, and CRLs themselves (RFC 5280, section 5).
namespace sslinfo::core {

// More lines and more certificates and CRLs than a server has use for: all in all they take OpenSSL less than a second.
inline constexpr std::size_t pem_lines_max = 2'000'000;
inline constexpr int pem_objects_max = 2'000;

// Cuts the next block off `pem`, with the text before it: from "-----BEGIN " at the start of a line to the end of the
// line with "-----END ", or to the end of the text. `blanks` are characters that may stand before "-----BEGIN ". Empty
// if no block follows.
std::string_view cut_pem_block(std::string_view &pem, std::string_view blanks);

// The blocks of a PEM file one after the other, without the text around them, which OpenSSL reads line by line: 64 MB
// of line feeds take it seconds. Its memory is wiped when it is freed. Throws Error(invalid_text) if the file is too
// long.
BioHandle pem_blocks(std::string_view file);

// The certificates and CRLs of a PEM file in their order, one in each X509_INFO, as X509_load_cert_crl_file() reads it.
// Throws Error(invalid_text) if a block is malformed, or there is none or too many. Never prompts for a pass phrase.
// Block by block, because PEM_X509_INFO_read_bio() puts a certificate and the CRL after it in one X509_INFO.
InfosHandle read_pem_file(std::string_view file);

// OpenSSL's reason for a malformed block, or words that fit if it gives none (3.0, for malformed base64).
std::string pem_reason();

// A pass phrase callback for PEM_read_bio_...() that has none. Sets the bool that it is given, if any.
int no_pass_phrase(char *, int, int, void *asked);

// Lower-case hex of SHA-256 over the DER.
std::string crl_fingerprint(const X509_CRL &crl);
// The number of revoked certificates; nothing is decoded again.
int crl_entries(const X509_CRL &crl);
// Was it issued by now, and is its successor not due yet?
bool is_current(const X509_CRL &crl, Timestamp now);

}   // namespace sslinfo::core
