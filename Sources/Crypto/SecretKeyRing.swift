/// The keys of an installation, from SECRET_KEY or SECRET_KEY_FILE: the first encrypts, all decrypt.
package struct SecretKeyRing: Sendable {
    private let first: FernetKey
    private let others: [FernetKey]

    /// Reads one key a line: 32 bytes in URL-safe base64 as they are, anything else of 32 characters or more as the SHA-256
    /// of its bytes. Empty lines and white space around a key don't count.
    package init(text: Secret) throws(SecretKeyError) {
        var keys: [FernetKey] = []
        let lines = text.reveal().split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (number, line) in zip(1..., lines) {
            let text = line.trimmingWhitespace()
            guard !text.isEmpty else { continue }
            let key = try Self.key(text, line: number)
            if !keys.contains(key) { keys.append(key) }
        }
        guard let first = keys.first else {
            throw SecretKeyError(line: nil, "it is empty: make one with `openssl rand -base64 32 | tr +/ -_`")
        }
        self.first = first
        others = Array(keys.dropFirst())
    }

    package init(key: FernetKey, older: [FernetKey] = []) {
        first = key
        others = older
    }

    private static func key(_ text: String, line: Int) throws(SecretKeyError) -> FernetKey {
        if let key = FernetKey(base64: text) { return key }
        let length = text.unicodeScalars.count
        guard length >= 32 else {
            throw SecretKeyError(line: line, "a key of \(length) characters is too short: it needs 32 or more")
        }
        return FernetKey(derivedFrom: text)
    }

    /// The id of the key that encrypts; kept beside what it encrypted.
    package var currentKeyID: String { first.id }

    /// In the order in which they are tried.
    package var keyIDs: [String] { ([first] + others).map(\.id) }

    /// All keys, for tokens that don't name theirs.
    package var fernet: Fernet { Fernet(key: first, older: others) }

    /// The one key with this id; nil where it is not here: what it encrypted must be entered again.
    package func fernet(keyID: String) -> Fernet? {
        ([first] + others).first { $0.id == keyID }.map { Fernet(key: $0) }
    }
}

/// A SECRET_KEY that can't be used. Never shows the key.
package struct SecretKeyError: Error, Sendable, Equatable, CustomStringConvertible {
    /// From 1; nil where no line is to blame.
    package var line: Int?
    package var message: String

    init(line: Int?, _ message: String) {
        self.line = line
        self.message = "SECRET_KEY" + (line.map { ", line \($0)" } ?? "") + ": " + message
    }

    package var description: String { message }
}

extension Substring {
    fileprivate func trimmingWhitespace() -> String {
        var rest = drop { $0.isWhitespace }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}
