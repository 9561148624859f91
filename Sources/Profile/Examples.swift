/// How often something was seen, and the first times.
package struct Examples: Sendable, Equatable {
    package struct Example: Sendable, Equatable {
        /// Where the row stands, as its locator says: a line, a row, an offset.
        package var at: Int64
        /// At most `longest` characters.
        package var value: String

        package init(at: Int64, value: String) {
            self.at = at
            self.value = value
        }
    }

    package private(set) var count = 0
    package private(set) var first: [Example] = []

    static let most = 5
    private static let longest = 100

    mutating func add(_ value: Span<UInt8>, at: Int64) {
        count += 1
        guard first.count < Self.most else { return }
        first.append(Example(at: at, value: value.text(longest: Self.longest)))
    }

    /// Where more were counted than there are examples of.
    mutating func setCount(_ count: Int) { self.count = count }

    static func += (left: inout Examples, right: Examples) {
        left.count += right.count
        left.first = (left.first + right.first).sorted { $0.at < $1.at }.prefix(most).map(\.self)
    }
}

extension Span<UInt8> {
    /// The first characters of valid UTF-8.
    func text(longest: Int) -> String {
        // A character takes more than this many bytes only with very many marks.
        let end = Swift.min(count, longest * 8)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(end)
        for index in 0..<end { bytes.append(self[index]) }
        return String(String(decoding: bytes, as: UTF8.self).prefix(longest))
    }
}
