#!/usr/bin/python3
"""What other libraries than OpenSSL say of certificates: the oracle of t/020_oracle.pl.

    certificates.py            every file below the certificates of python3-cryptography-vectors
    certificates.py FILE …     these files

Writes one JSON object a line: "file", "pem" or "der" (hex of the file), and either "expected", the columns of ssl_certificate, or
"refused", what the library said. python3-cryptography reads X.509 with a parser of its own; certtool (GnuTLS) is asked where
that refuses a certificate, and tells fewer columns. What neither can read is no certificate.
"""

import base64
import datetime
import json
import os
import re
import subprocess
import sys
import warnings

import cryptography_vectors
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, ed448, rsa, x25519, x448
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtensionOID

# Names that are a matter of taste: OpenSSL's, by OID.
ATTRIBUTES = {
    "2.5.4.3": "CN", "2.5.4.4": "SN", "2.5.4.5": "serialNumber", "2.5.4.6": "C", "2.5.4.7": "L", "2.5.4.8": "ST",
    "2.5.4.9": "street", "2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.12": "title", "2.5.4.13": "description",
    "2.5.4.15": "businessCategory", "2.5.4.16": "postalAddress", "2.5.4.17": "postalCode", "2.5.4.42": "GN",
    "2.5.4.43": "initials", "2.5.4.44": "generationQualifier", "2.5.4.45": "x500UniqueIdentifier",
    "2.5.4.46": "dnQualifier", "2.5.4.65": "pseudonym", "2.5.4.97": "organizationIdentifier",
    "0.9.2342.19200300.100.1.1": "UID", "0.9.2342.19200300.100.1.25": "DC", "1.2.840.113549.1.9.1": "emailAddress",
    "1.2.840.113549.1.9.2": "unstructuredName", "1.3.6.1.4.1.311.60.2.1.1": "jurisdictionL",
    "1.3.6.1.4.1.311.60.2.1.2": "jurisdictionST", "1.3.6.1.4.1.311.60.2.1.3": "jurisdictionC",
    "1.2.643.3.131.1.1": "INN", "1.2.643.100.1": "OGRN", "1.2.643.100.3": "SNILS",
}
SIGNATURES = {
    "1.2.840.113549.1.1.2": "md2WithRSAEncryption", "1.2.840.113549.1.1.4": "md5WithRSAEncryption",
    "1.2.840.113549.1.1.5": "sha1WithRSAEncryption", "1.3.14.3.2.29": "sha1WithRSA",
    "1.2.840.113549.1.1.14": "sha224WithRSAEncryption", "1.2.840.113549.1.1.11": "sha256WithRSAEncryption",
    "1.2.840.113549.1.1.12": "sha384WithRSAEncryption", "1.2.840.113549.1.1.13": "sha512WithRSAEncryption",
    "1.2.840.113549.1.1.10": "rsassaPss", "1.2.840.10040.4.3": "dsaWithSHA1",
    "2.16.840.1.101.3.4.3.1": "dsa_with_SHA224", "2.16.840.1.101.3.4.3.2": "dsa_with_SHA256",
    "1.2.840.10045.4.1": "ecdsa-with-SHA1", "1.2.840.10045.4.3.1": "ecdsa-with-SHA224",
    "1.2.840.10045.4.3.2": "ecdsa-with-SHA256", "1.2.840.10045.4.3.3": "ecdsa-with-SHA384",
    "1.2.840.10045.4.3.4": "ecdsa-with-SHA512", "1.3.101.112": "ED25519", "1.3.101.113": "ED448",
}
PURPOSES = {
    "1.3.6.1.5.5.7.3.1": "serverAuth", "1.3.6.1.5.5.7.3.2": "clientAuth", "1.3.6.1.5.5.7.3.3": "codeSigning",
    "1.3.6.1.5.5.7.3.4": "emailProtection", "1.3.6.1.5.5.7.3.5": "ipsecEndSystem", "1.3.6.1.5.5.7.3.6": "ipsecTunnel",
    "1.3.6.1.5.5.7.3.7": "ipsecUser", "1.3.6.1.5.5.7.3.8": "timeStamping", "1.3.6.1.5.5.7.3.9": "OCSPSigning",
    "2.5.29.37.0": "anyExtendedKeyUsage", "2.16.840.1.113730.4.1": "nsSGC", "1.3.6.1.4.1.311.10.3.3": "msSGC",
    "1.3.6.1.4.1.311.2.1.22": "msCodeCom", "1.3.6.1.4.1.311.20.2.2": "msSmartcardLogin", "1.3.6.1.4.1.311.10.3.4": "msEFS",
}
USAGES = [
    ("digital_signature", "digitalSignature"), ("content_commitment", "nonRepudiation"),
    ("key_encipherment", "keyEncipherment"), ("data_encipherment", "dataEncipherment"), ("key_agreement", "keyAgreement"),
    ("key_cert_sign", "keyCertSign"), ("crl_sign", "cRLSign"),
]


def elements(der):
    """The elements of a DER value's contents, each as (tag, whole bytes, contents)."""
    at = 0
    while at < len(der):
        head, length = at + 2, der[at + 1]
        if length & 0x80:
            head += length & 0x7F
            length = int.from_bytes(der[at + 2:head], "big")
        yield der[at], der[at:head + length], der[head:head + length]
        at = head + length


def spki(tbs):
    """The SubjectPublicKeyInfo out of a TBSCertificate: the element after version, serial, algorithm, issuer, validity, subject."""
    fields = [whole for tag, whole, _ in elements(next(elements(tbs))[2]) if tag != 0xA0]
    return fields[5]


def sha256(octets):
    digest = hashes.Hash(hashes.SHA256())
    digest.update(octets)
    return digest.finalize().hex()


def escape(value):
    """RFC 4514, section 2.4."""
    out = re.sub(r'([,+"\\<>;])', r"\\\1", value)
    out = re.sub(r"[\x00-\x1f\x7f]", lambda c: "\\%02X" % ord(c.group()), out)
    if out[:1] in (" ", "#"):
        out = "\\" + out
    if len(value) > 1 and value.endswith(" "):
        out = out[:-1] + "\\ "
    return out


def rfc4514(name):
    def attribute(a):
        kind = ATTRIBUTES.get(a.oid.dotted_string)
        if kind is None:
            raise LookupError("an attribute type that the oracle has no name for: " + a.oid.dotted_string)
        if isinstance(a.value, str):
            return kind + "=" + escape(a.value)
        return kind + "=#" + (bytes([0x03, len(a.value)]) + a.value).hex().upper()   # bytes: a BIT STRING of a short length
    return ",".join("+".join(attribute(a) for a in rdn) for rdn in reversed(name.rdns))


def factoring_strength(bits):
    """Security bits of a modulus: SP 800-57 part 1, table 2; a size between two rows has the strength of the lower one."""
    return next((s for least, s in ((15360, 256), (7680, 192), (3072, 128), (2048, 112), (1024, 80)) if bits >= least), 0)


def key_columns(key, info):
    bits = group = strength = None
    if isinstance(key, rsa.RSAPublicKey):
        # The library does not tell the two apart; the OID of RSASSA-PSS does.
        pss = bytes.fromhex("06092a864886f70d01010a")
        name, bits = "RSA-PSS" if next(elements(next(elements(info))[2]))[2].startswith(pss) else "RSA", key.key_size
        strength = factoring_strength(bits)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        # Newer versions of the library tell the name of a curve that the certificate itself gives by its parameters only.
        _, (kind, _, _) = elements(next(elements(next(elements(info))[2]))[2])
        name, bits, group = "EC", key.curve.key_size, key.curve.name if kind == 0x06 else None
        # By the size of the group (SP 800-57 part 1, table 2).
        strength = next((s for least, s in ((512, 256), (384, 192), (256, 128), (224, 112), (160, 80)) if bits >= least),
                        0)
    elif isinstance(key, ed25519.Ed25519PublicKey):
        name, bits, strength = "ED25519", 256, 128
    elif isinstance(key, ed448.Ed448PublicKey):
        name, bits, strength = "ED448", 456, 224
    elif isinstance(key, x25519.X25519PublicKey):
        name, bits, strength = "X25519", 253, 128
    elif isinstance(key, x448.X448PublicKey):
        name, bits, strength = "X448", 448, 224
    elif isinstance(key, dsa.DSAPublicKey):
        name, bits = "DSA", key.key_size
        q = key.parameters().parameter_numbers().q.bit_length()
        strength = min(q // 2, factoring_strength(bits))
    else:
        raise LookupError("a key that the oracle does not know: " + type(key).__name__)
    return {"key_algorithm": name, "key_bits": bits, "key_group": group, "key_strength": strength}


def names_of(names, kind):
    return [str(n.value) for n in names if isinstance(n, kind)]


def urls(names):
    return [n.value for n in names or [] if isinstance(n, x509.UniformResourceIdentifier)]


def access(descriptions, method):
    return None if descriptions is None else urls([d.access_location for d in descriptions if d.access_method == method])


def extension_columns(extensions):
    def get(kind):
        try:
            return extensions.get_extension_for_class(kind).value
        except x509.ExtensionNotFound:
            return None

    san = get(x509.SubjectAlternativeName)
    constraints = get(x509.BasicConstraints)
    usage = get(x509.KeyUsage)
    extended = get(x509.ExtendedKeyUsage)
    policies = get(x509.CertificatePolicies)
    subject_key = get(x509.SubjectKeyIdentifier)
    authority_key = get(x509.AuthorityKeyIdentifier)
    information = get(x509.AuthorityInformationAccess)
    points = get(x509.CRLDistributionPoints)
    out = {
        "dns_names": None if san is None else names_of(san, x509.DNSName),
        "uri_names": None if san is None else names_of(san, x509.UniformResourceIdentifier),
        "email_names": None if san is None else names_of(san, x509.RFC822Name),
        "ip_addresses": None if san is None else names_of(san, x509.IPAddress),
        "is_ca": constraints.ca if constraints is not None else False,
        "path_length": constraints.path_length if constraints is not None else None,
        "extended_key_usage": None if extended is None else [
            PURPOSES.get(o.dotted_string, o.dotted_string) for o in extended],
        "policies": None if policies is None else [p.policy_identifier.dotted_string for p in policies],
        "subject_key_id": None if subject_key is None else subject_key.digest.hex(),
        "authority_key_id": None if authority_key is None or authority_key.key_identifier is None
        else authority_key.key_identifier.hex(),
        "ocsp_urls": access(information, AuthorityInformationAccessOID.OCSP),
        "ca_issuer_urls": access(information, AuthorityInformationAccessOID.CA_ISSUERS),
        "crl_urls": None if points is None else [u for p in points for u in urls(p.full_name)],
        "key_usage": None if usage is None else [name for attribute, name in USAGES if getattr(usage, attribute)],
    }
    if usage is not None and usage.key_agreement:
        out["key_usage"] += ["encipherOnly"] * usage.encipher_only + ["decipherOnly"] * usage.decipher_only
    return out


def columns(read, *arguments):
    """A group of columns, or nothing where the library refuses that part of the certificate; that is noted under "without"."""
    try:
        return read(*arguments)
    except Exception as reason:  # pylint: disable=broad-except
        return {"without": "%s: %s" % (type(reason).__name__, reason)}


def serial_hex(serial):
    digits = "%x" % abs(serial)
    return ("-" if serial < 0 else "") + digits.zfill(len(digits) + len(digits) % 2)


def by_cryptography(der):
    certificate = x509.load_der_x509_certificate(der)
    out, without = {}, []
    for group in (
            columns(lambda: {"serial": str(certificate.serial_number), "serial_hex": serial_hex(certificate.serial_number)}),
            columns(lambda: {"subject": rfc4514(certificate.subject)}),
            columns(lambda: {"issuer": rfc4514(certificate.issuer)}),
            columns(lambda: {"not_before": certificate.not_valid_before.isoformat() + "+00:00"}),
            columns(lambda: {"not_after": certificate.not_valid_after.isoformat() + "+00:00"}),
            columns(lambda: {"version": certificate.version.value + 1}),
            columns(lambda: {"signature_digest": certificate.signature_hash_algorithm and certificate.signature_hash_algorithm.name}),
            columns(lambda: {"signature_algorithm": SIGNATURES[certificate.signature_algorithm_oid.dotted_string]}),
            columns(lambda: key_columns(certificate.public_key(), spki(certificate.tbs_certificate_bytes))),
            columns(lambda: extension_columns(certificate.extensions)),
            {"fingerprint": sha256(der), "spki_fingerprint": sha256(spki(certificate.tbs_certificate_bytes)),
             "der": "\\x" + der.hex()}):
        if "without" in group:
            without.append(group.pop("without"))
        out.update(group)
    return out, without


CERTTOOL_USAGES = {
    "Digital signature.": "digitalSignature", "Non repudiation.": "nonRepudiation",
    "Key encipherment.": "keyEncipherment", "Data encipherment.": "dataEncipherment", "Key agreement.": "keyAgreement",
    "Certificate signing.": "keyCertSign", "CRL signing.": "cRLSign", "Key encipher only.": "encipherOnly",
    "Key decipher only.": "decipherOnly",
}
CERTTOOL_PURPOSES = {
    "TLS WWW Server.": "serverAuth", "TLS WWW Client.": "clientAuth", "Code signing.": "codeSigning",
    "Email protection.": "emailProtection", "Time stamping.": "timeStamping", "OCSP signing.": "OCSPSigning",
    "Any purpose.": "anyExtendedKeyUsage", "Ipsec IKE.": "ipsecIKE", "Smart Card Logon.": "msSmartcardLogin",
}
CERTTOOL_KEYS = {"RSA": "RSA", "DSA": "DSA", "EC/ECDSA": "EC", "ECDH (X25519)": "X25519"}
CERTTOOL_SIGNATURES = {
    "RSA-SHA1": "sha1WithRSAEncryption", "RSA-SHA256": "sha256WithRSAEncryption", "EdDSA-Ed25519": "ED25519",
    "ECDSA-SHA256": "ecdsa-with-SHA256", "DSA-SHA1": "dsaWithSHA1", "RSA-MD5": "md5WithRSAEncryption",
}


def by_certtool(der):
    """The columns that certtool tells; nothing where it refuses the certificate."""
    run = subprocess.run(["certtool", "-i", "--inder"], input=der, capture_output=True, check=False,
                         env={**os.environ, "LC_ALL": "C.UTF-8"})
    if run.returncode != 0:
        return {}, run.stderr.decode().strip()
    text = run.stdout.decode(errors="replace")

    def first(pattern):
        found = re.search(pattern, text, re.M)
        return found.group(1) if found else None

    def section(title):
        found = re.search(r"^\t\t" + title + r" \((?:not )?critical\):\n((?:\t\t\t.*\n)*)", text, re.M)
        return found.group(1) if found else None

    def values(block, pattern):
        return None if block is None else re.findall(r"^\t\t\t" + pattern + "$", block, re.M)

    def moment(label):
        date = datetime.datetime.strptime(first(r"^\t\t" + label + r": (.*)$"), "%a %b %d %H:%M:%S UTC %Y")
        return date.isoformat() + "+00:00"

    def name(label):
        shown = first(r"^\t" + label + r": (.*)$") or ""
        shown = re.sub(r"(^|[,+])EMAIL=", r"\1emailAddress=", shown)
        return re.sub(r"#([0-9a-f]+)", lambda h: "#" + h.group(1).upper(), shown)

    serial = int(first(r"Serial Number \(hex\): (\w+)"), 16)
    san = section("Subject Alternative Name")
    constraints = section("Basic Constraints")
    length = values(constraints, r"Path Length Constraint: (\d+)")
    information = section("Authority Information Access")
    out = {
        "serial": str(serial), "serial_hex": serial_hex(serial), "subject": name("Subject"), "issuer": name("Issuer"),
        "not_before": moment("Not Before"), "not_after": moment("Not After"),
        "key_algorithm": CERTTOOL_KEYS.get(first(r"^\tSubject Public Key Algorithm: (.*)$")),
        "key_bits": int(first(r"^\tAlgorithm Security Level: .* \((\d+) bits\)$") or 0) or None,
        "signature_algorithm": CERTTOOL_SIGNATURES.get(first(r"^\tSignature Algorithm: (.*)$")),
        "dns_names": values(san, "DNSname: (.*)"), "uri_names": values(san, "URI: (.*)"),
        "email_names": values(san, "RFC822Name: (.*)"), "ip_addresses": values(san, "IPAddress: (.*)"),
        "is_ca": constraints is not None and "(CA): TRUE" in constraints,
        "path_length": int(length[0]) if length else None,
        "key_usage": values(section("Key Usage"), "(.*)"),
        "extended_key_usage": values(section("Key Purpose"), "(.*)"),
        "policies": values(section("Certificate Policies"), r"(\d[\d.]*)(?: \(.*\))?"),
        "subject_key_id": (values(section("Subject Key Identifier"), "(.*)") or [None])[0],
        "authority_key_id": (values(section("Authority Key Identifier"), "(.*)") or [None])[0],
        "crl_urls": values(section("CRL Distribution points"), "URI: (.*)"),
        "ocsp_urls": values(information, r"Access Method: 1\.3\.6\.1\.5\.5\.7\.48\.1 .*\n\t\t\tAccess Location URI: (.*)"),
        "ca_issuer_urls": values(information, r"Access Method: 1\.3\.6\.1\.5\.5\.7\.48\.2 .*\n\t\t\tAccess Location URI: (.*)"),
        "fingerprint": sha256(der), "spki_fingerprint": sha256(spki(tbs(der))), "der": "\\x" + der.hex(),
    }
    for column, words in (("key_usage", CERTTOOL_USAGES), ("extended_key_usage", CERTTOOL_PURPOSES)):
        if out[column] is not None:
            out[column] = [words.get(word, PURPOSES.get(word, word)) for word in out[column]]
    for column in ("key_algorithm", "key_bits", "signature_algorithm"):
        if out[column] is None:
            del out[column]   # nothing said
    return out, None


def tbs(der):
    return next(elements(next(elements(der))[2]))[1]


def der_of(octets):
    """The DER of the first certificate in a PEM text, or the octets themselves."""
    if b"-----BEGIN" not in octets:
        return octets
    block = re.search(rb"-----BEGIN (?:X509 )?CERTIFICATE-----\s+([A-Za-z0-9+/=\s]+)-----END", octets)
    return base64.b64decode(block.group(1)) if block else b""


def examine(path):
    with open(path, "rb") as handle:
        octets = handle.read()
    out = {"file": path, "pem" if b"-----BEGIN" in octets else "der": octets.hex()}
    der, refused, told = der_of(octets), [], {}
    try:
        told, refused = by_cryptography(der)
    except Exception as reason:  # pylint: disable=broad-except
        refused = [str(reason)]
    if refused and der:
        more, reason = by_certtool(der)
        told = {**more, **told}
        refused += [reason] if reason else []
    return {**out, "expected": told} if told else {**out, "refused": "; ".join(refused) or "no certificate"}


def main(files):
    top = os.path.join(os.path.dirname(cryptography_vectors.__file__), "x509")
    warnings.simplefilter("ignore")
    for path in files or sorted(os.path.join(folder, name) for folder, _, names in os.walk(top) for name in names
                                if name.endswith((".pem", ".der", ".crt"))):
        out = examine(path)
        out["file"] = os.path.relpath(path, top) if path.startswith(top) else path
        print(json.dumps(out))


if __name__ == "__main__":
    main(sys.argv[1:])
