internal import JSON

/// How a list of texts stands in a `TextVector`: each text is followed by a byte that UTF-8 never has.
enum TextList {
    static let end: UInt8 = 0xFF

    static func isList(_ bytes: Span<UInt8>) -> Bool {
        bytes.count > 0 && bytes[bytes.count - 1] == end
    }

    static func append(_ item: String, to output: inout [UInt8]) {
        output.append(contentsOf: item.utf8)
        output.append(end)
    }

    /// Where the texts stand.
    static func ranges(_ bytes: Span<UInt8>) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var start = 0
        for index in 0..<bytes.count where bytes[index] == end {
            ranges.append(start..<index)
            start = index + 1
        }
        return ranges
    }

    /// `["Huda","Al-Harbi"]`, as previews show a list.
    static func shown(_ bytes: Span<UInt8>) -> String {
        JSONValue.array(ranges(bytes).map { .string(String(bytes: bytes.extracting($0))) }).text
    }
}
