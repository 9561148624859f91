/// Rows that the host gave out as rejects, and that come back corrected: told by the last two columns, and in each row by what
/// the first of them says, `line 7: …`, or `line 7 (without columns 3, 5-7): …`: there the record has no value at all, and an
/// empty cell says nothing.
///
/// The host puts an apostrophe before what a spreadsheet would run as a formula (unless it is a signed number or a telephone
/// number), and one more before apostrophes that stand before such a text. In these
/// rows exactly one is taken away again; nowhere else is anything.
struct CorrectedRows: Sendable {
    /// The column that says why the row was refused.
    let reasonColumn: Int

    private static let places = ["line ", "row ", "byte_offset ", "index "].map { Array($0.utf8) }

    /// Nil for columns that the host gave nobody.
    ///
    /// - Parameter hasHeader: without names the rows alone tell.
    init?(_ names: [String], hasHeader: Bool) {
        guard names.count > 2 else { return nil }
        reasonColumn = names.count - 2
        guard hasHeader else { return }
        func isOurs(_ name: String, _ own: String) -> Bool {
            name.hasPrefix(own) && name.dropFirst(own.count).allSatisfy { $0 == "_" }
        }
        guard isOurs(names[names.count - 2], "_error"), isOurs(names[names.count - 1], "_fix") else { return nil }
    }

    static func sentence(_ count: Int) -> String {
        "The file is a list of rejects: the apostrophe that it had before \(count) \(count == 1 ? "value" : "values") was taken "
            + "away."
    }

    /// What a row's reason says if it is one of the host's: the columns that the record lacks, rising,
    /// counted from 0. Nil for another.
    static func lacking(_ bytes: Span<UInt8>) -> [ClosedRange<Int>]? {
        for place in places where starts(bytes, with: place, at: 0) {
            var position = place.count
            guard number(bytes, &position) != nil else { return nil }
            var columns: [ClosedRange<Int>] = []
            if starts(bytes, with: without, at: position) {
                position += without.count
                repeat {
                    guard let first = number(bytes, &position) else { return nil }
                    let last = skip("-", bytes, &position) ? number(bytes, &position) : first
                    guard let last, first > (columns.last?.upperBound ?? -1) + 1, first <= last, last <= mostColumns
                    else {
                        return nil
                    }
                    columns.append(first - 1...last - 1)
                } while skip(", ", bytes, &position)
                guard skip(")", bytes, &position) else { return nil }
            }
            return skip(":", bytes, &position) ? columns : nil
        }
        return nil
    }

    /// More than any file that the host takes has.
    private static let mostColumns = 16_384
    private static let without = Array(" (without columns ".utf8)

    /// Of at most 18 digits.
    private static func number(_ bytes: Span<UInt8>, _ position: inout Int) -> Int? {
        let start = position
        var number = 0
        while position < bytes.count, (0x30...0x39).contains(bytes[position]) {
            guard position - start < 18 else { return nil }
            number = number * 10 + Int(bytes[position] & 0xF)
            position += 1
        }
        return position > start ? number : nil
    }

    private static func skip(_ text: String, _ bytes: Span<UInt8>, _ position: inout Int) -> Bool {
        let text = Array(text.utf8)
        guard starts(bytes, with: text, at: position) else { return false }
        position += text.count
        return true
    }

    private static func starts(_ bytes: Span<UInt8>, with start: [UInt8], at position: Int) -> Bool {
        guard bytes.count - position >= start.count else { return false }
        for index in start.indices where bytes[position + index] != start[index] { return false }
        return true
    }

    /// Whether the host has put an apostrophe before this value.
    static func hasApostrophe(_ value: Span<UInt8>) -> Bool {
        guard value.count > 1, value[0] == UInt8(ascii: "'") else { return false }
        var start = 1
        while start < value.count, value[start] == UInt8(ascii: "'") { start += 1 }
        guard start < value.count else { return false }
        let text = value.extracting(start..<value.count)
        return isFormulaMark(text) && !isNumber(text)
    }

    /// `= + - @`, also in full width (U+FF1D, U+FF0B, U+FF0D, U+FF20), a tab or a line end.
    private static func isFormulaMark(_ text: Span<UInt8>) -> Bool {
        if "=+-@\t\r\n".utf8.contains(text[0]) { return true }
        guard text.count > 2, text[0] == 0xEF, text[1] == 0xBC else { return false }
        return [0x9D, 0x8B, 0x8D, 0xA0].contains(text[2])
    }

    /// As the host has it (RejectTable).
    private static func isNumber(_ text: Span<UInt8>) -> Bool {
        guard text[0] == UInt8(ascii: "+") || text[0] == UInt8(ascii: "-") else { return false }
        var hasDigit = false
        for index in 1..<text.count {
            let byte = text[index]
            if (0x30...0x39).contains(byte) { hasDigit = true } else if !" ().,-/".utf8.contains(byte) { return false }
        }
        return hasDigit
    }
}
