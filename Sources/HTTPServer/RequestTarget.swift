/// What a request asks for: path segments and query items, each decoded once. RFC 9112, section 3.2.
package struct RequestTarget: Sendable, Equatable {
    /// The path, split at slashes before it was decoded: `/a%2Fb/c` is `["a/b", "c"]`, `/a/` is `["a", ""]`.
    package var segments: [String]
    /// In their order, repeated ones kept.
    package var query: [QueryItem]
    /// `*`, as in `OPTIONS *`: the server as a whole.
    package var isAsterisk = false

    package struct QueryItem: Sendable, Equatable {
        package var name: String
        package var value: String
    }

    /// Why a target is refused.
    package struct Flaw: Error, Equatable {
        package var detail: String

        static let characters = Flaw(detail: "The request target contains a character that must be percent-encoded.")
        static let form = Flaw(detail: "The request target must be a path that begins with a slash.")
        static let encoding = Flaw(detail: "A percent sign in the request target is not followed by two hex digits.")
        static let text = Flaw(detail: "The request target does not decode to UTF-8 text without NUL.")
        static let dots = Flaw(detail: "The request target contains a segment that is . or .. : send the plain path.")
    }

    package init(parsing target: String) throws(Flaw) {
        guard target.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }) else {
            throw .characters
        }
        guard target != "*" else {
            (segments, query, isAsterisk) = ([], [], true)
            return
        }
        let parts = try Self.origin(target).split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let path = parts.first, path.first == "/" else { throw .form }
        segments = try Self.segments(path.dropFirst())
        query = parts.count > 1 ? try Self.query(parts[1]) : []
    }

    /// The target from its path on: a client may send the whole URL, as to a proxy.
    private static func origin(_ target: String) throws(Flaw) -> Substring {
        for scheme in ["http://", "https://"] where target.prefix(scheme.count).lowercased() == scheme {
            let rest = target.dropFirst(scheme.count)
            guard let end = rest.firstIndex(where: { $0 == "/" || $0 == "?" }) else { return "/" }
            return rest[end] == "/" ? rest[end...] : "/" + rest[end...]
        }
        return target[...]
    }

    private static func segments(_ path: Substring) throws(Flaw) -> [String] {
        guard !path.isEmpty else { return [] }
        return try path.split(separator: "/", omittingEmptySubsequences: false)
            .map { part throws(Flaw) in
                let segment = try decoded(part, plusIsSpace: false)
                guard segment != ".", segment != ".." else { throw .dots }
                return segment
            }
    }

    private static func query(_ query: Substring) throws(Flaw) -> [QueryItem] {
        try query.split(separator: "&").map { part throws(Flaw) in
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return QueryItem(
                name: try decoded(pair[0], plusIsSpace: true),
                value: pair.count > 1 ? try decoded(pair[1], plusIsSpace: true) : ""
            )
        }
    }

    private static func decoded(_ text: Substring, plusIsSpace: Bool) throws(Flaw) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+") where plusIsSpace: bytes.append(0x20)
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst()?.hexDigit, let low = rest.popFirst()?.hexDigit else {
                    throw .encoding
                }
                bytes.append(high << 4 | low)
            default: bytes.append(byte)
            }
        }
        guard !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) else { throw .text }
        return text
    }
}

extension UInt8 {
    var hexDigit: UInt8? {
        switch self {
        case 0x30...0x39: self - 0x30
        case 0x41...0x46: self - 0x37
        case 0x61...0x66: self - 0x57
        default: nil
        }
    }
}
