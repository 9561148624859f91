internal import ConnectorKit

/// The row that ends a file and says how many records it has: `TRL,2000`.
///
/// Its first value is the word that the setting `trailer` names, the second one the count.
package struct Trailer: Sendable, Equatable {
    let word: String

    package init(word: String) {
        self.word = word
    }

    /// Whether a row's first value makes it the trailer; spaces around it don't count.
    func isWord(_ bytes: Span<UInt8>) -> Bool {
        let own = word.utf8Span.span
        var (start, end) = (0, bytes.count)
        while start < end, bytes[start] == UInt8(ascii: " ") { start += 1 }
        while end > start, bytes[end - 1] == UInt8(ascii: " ") { end -= 1 }
        guard end - start == own.count else { return false }
        for index in own.indices where bytes[start + index] != own[index] { return false }
        return true
    }

    /// The count that it declares.
    func count(_ text: String?, in name: String, _ place: String) throws(ConnectorFailure) -> Int {
        let digits = (text ?? "").split(separator: " ").first ?? ""
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let count = Int(digits) else {
            throw ConnectorFailure(
                .data,
                code: "trailer_broken",
                message:
                    "The trailer of \(name) in \(place) declares no count: its second value must be a whole number."
            )
        }
        return count
    }

    func missing(in name: String) -> ConnectorFailure {
        ConnectorFailure(
            .data,
            code: "trailer_missing",
            message:
                "\(name) ends without its trailer row \(word): it was cut off, or the setting trailer is another word. Nobody "
                + "was taken for absent.",
            pointer: "/trailer"
        )
    }

    func notLast(in name: String, _ place: String) -> ConnectorFailure {
        ConnectorFailure(
            .data,
            code: "trailer_not_last",
            message:
                "More records follow the trailer row \(word) of \(name) in \(place): files were put together, or the setting "
                + "trailer is another word.",
            pointer: "/trailer"
        )
    }

    /// For JSON, which ends by itself.
    static func unsupported(in name: String) -> ConnectorFailure {
        ConnectorFailure(
            .config,
            code: "trailer_not_json",
            message:
                "\(name) is JSON, which has no trailer row; take the setting trailer out, or declare the rows in a manifest.",
            pointer: "/trailer"
        )
    }
}
