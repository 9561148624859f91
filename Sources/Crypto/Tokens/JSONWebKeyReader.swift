internal import JSON

/// Reads the members of a JWKS one by one and collects what is to be said about them.
struct JSONWebKeyReader {
    private(set) var notes: [String] = []

    /// nil for a key that is passed over.
    mutating func read(_ value: JSONValue, at pointer: String) throws(JSONWebKeyError) -> JSONWebKey? {
        guard case .object(let object) = value else {
            throw JSONWebKeyError(.invalidKey, at: pointer, "must be an object, is \(value.kind)")
        }
        let entry = Entry(object: object, pointer: pointer)
        let id = try entry.optionalText("kid")
        guard let algorithm = try algorithm(of: entry) else { return nil }
        if let reason = try reasonAgainst(entry, algorithm) {
            passOver(entry, reason)
            return nil
        }
        if object["d"] != nil {
            notes.append(
                "\(pointer) holds a private key (d): whoever reads the file can sign; keep only public keys in it"
            )
        }
        return JSONWebKey(id: id, algorithm: algorithm, publicKey: try entry.publicKey(for: algorithm))
    }

    /// What keys of this kind are for; nil if the kind is passed over.
    private mutating func algorithm(of entry: Entry) throws(JSONWebKeyError) -> JSONWebAlgorithm? {
        let kind = try entry.text("kty")
        switch kind {
        case "RSA": return .rs256
        case "EC": return try curve(of: entry, is: "P-256") ? .es256 : nil
        case "OKP": return try curve(of: entry, is: "Ed25519") ? .edDSA : nil
        case "oct": passOver(entry, "a shared secret (kty oct) has no place in this file: give it as JWT_SECRET")
        default: passOver(entry, "its kty \"\(kind)\" is none of RSA, EC, OKP")
        }
        return nil
    }

    private mutating func curve(of entry: Entry, is expected: String) throws(JSONWebKeyError) -> Bool {
        let curve = try entry.text("crv")
        if curve == expected { return true }
        passOver(entry, "its curve \"\(curve)\" is not \(expected)")
        return false
    }

    private func reasonAgainst(_ entry: Entry, _ algorithm: JSONWebAlgorithm) throws(JSONWebKeyError) -> String? {
        if let use = try entry.optionalText("use"), use != "sig" {
            return "its use is \"\(use)\", not \"sig\""
        }
        if let operations = try entry.optionalArray("key_ops"), !operations.contains("verify") {
            return "its key_ops don't contain \"verify\""
        }
        if let name = try entry.optionalText("alg"), name != algorithm.rawValue {
            return "its alg \"\(name)\" is not \(algorithm), the one taken for keys of this kind"
        }
        return nil
    }

    private mutating func passOver(_ entry: Entry, _ reason: String) {
        notes.append("\(entry.pointer) is passed over: \(reason)")
    }
}

/// The members of one key.
private struct Entry {
    var object: JSONObject
    var pointer: String

    func publicKey(for algorithm: JSONWebAlgorithm) throws(JSONWebKeyError) -> PublicKey {
        switch algorithm {
        case .es256:
            let (x, y) = (try bytes("x", count: 32), try bytes("y", count: 32))
            guard let key = PublicKey(p256X: x, y: y) else { throw error("x", "and y are no point on P-256") }
            return key
        case .edDSA:
            guard let key = PublicKey(ed25519: try bytes("x", count: 32)) else {
                throw error("x", "is no Ed25519 key")
            }
            return key
        case .rs256, .hs256:
            return try rsaKey()
        }
    }

    private func rsaKey() throws(JSONWebKeyError) -> PublicKey {
        let modulus = Array(try bytes("n").drop { $0 == 0 })
        let exponent = Array(try bytes("e").drop { $0 == 0 })
        let bits = modulus.count * 8 - (modulus.first?.leadingZeroBitCount ?? 0)
        guard bits >= 2_048 else {
            throw error("n", "has \(bits) bits; an RSA key needs 2048 or more (RFC 7518, section 3.3)", code: .weakKey)
        }
        // Checking costs as the square of the length and grows with the exponent; nobody uses more.
        guard bits <= 8_192 else { throw error("n", "has \(bits) bits; 8192 is the limit") }
        guard exponent.count <= 8 else { throw error("e", "has \(exponent.count) bytes; 8 is the limit") }
        guard let key = PublicKey(rsaModulus: modulus, exponent: exponent) else {
            throw error("n", "and e are no RSA key")
        }
        return key
    }

    func text(_ name: String) throws(JSONWebKeyError) -> String {
        guard let text = try optionalText(name) else { throw error(name, "is missing") }
        return text
    }

    func optionalText(_ name: String) throws(JSONWebKeyError) -> String? {
        guard let value = object[name] else { return nil }
        guard case .string(let text) = value else { throw error(name, "must be a string, is \(value.kind)") }
        return text
    }

    func optionalArray(_ name: String) throws(JSONWebKeyError) -> [JSONValue]? {
        guard let value = object[name] else { return nil }
        guard case .array(let array) = value else { throw error(name, "must be an array, is \(value.kind)") }
        return array
    }

    private func bytes(_ name: String, count: Int? = nil) throws(JSONWebKeyError) -> [UInt8] {
        guard let bytes = Base64.decode(try text(name), alphabet: .urlSafe, isPadded: false) else {
            throw error(name, "must be base64url without padding")
        }
        if let count, bytes.count != count { throw error(name, "must be \(count) bytes, is \(bytes.count)") }
        return bytes
    }

    private func error(_ name: String, _ message: String, code: JSONWebKeyError.Code = .invalidKey) -> JSONWebKeyError {
        JSONWebKeyError(code, at: JSONPointer.appending(name, to: pointer), message)
    }
}
