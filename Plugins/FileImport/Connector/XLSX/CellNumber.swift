internal import Glibc

/// The numbers of cells: decimal text of a double, as the workbook's writer chose it.
enum CellNumber {
    /// Whether a text is right as it stands: plain digits without useless zeros, with a fraction at most fifteen.
    ///
    /// Whole numbers have any count of digits. Excel itself keeps fifteen, and its numbers have no more; in the files of others
    /// they are the identifiers of somebody, and differ in their last digits.
    static func isPlain(_ text: Span<UInt8>) -> Bool {
        var position = 0
        if position < text.count, text[position] == UInt8(ascii: "-") { position += 1 }
        let start = position
        while position < text.count, text[position].decimalDigit != nil { position += 1 }
        let whole = position - start
        guard whole > 0, text[start] != UInt8(ascii: "0") || whole == 1 else { return false }
        // "-0" is 0.
        guard position < text.count else { return start == 0 || text[start] != UInt8(ascii: "0") }
        guard text[position] == UInt8(ascii: ".") else { return false }
        position += 1
        let fraction = position
        while position < text.count, text[position].decimalDigit != nil { position += 1 }
        return position == text.count && position > fraction && text[position - 1] != UInt8(ascii: "0")
            && whole + position - fraction <= 15
    }

    /// The double that a text stands for, infinite if it is too large for one; nil where it is no decimal number.
    static func value(_ text: Span<UInt8>) -> Double? {
        guard text.count > 0, text.count < 400 else { return nil }
        for index in text.indices {
            let byte = text[index]
            guard
                byte.decimalDigit != nil || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
                    || byte == UInt8(ascii: "+") || byte | 0x20 == UInt8(ascii: "e")
            else { return nil }
        }
        var string: [CChar] = text.indices.map { CChar(bitPattern: text[$0]) }
        string.append(0)
        return unsafe string.withUnsafeBufferPointer { bytes in
            guard let start = bytes.baseAddress else { return nil }
            var end: UnsafeMutablePointer<CChar>?
            let value = unsafe strtod(start, &end)
            guard let end = unsafe end, unsafe end - UnsafeMutablePointer(mutating: start) == text.count else {
                return nil
            }
            return value
        }
    }

    /// Appends a number with the fifteen significant digits that Excel keeps, without exponent and without zeros at its end:
    /// 0.30000000000000004 is 0.3 there and here.
    static func append(_ value: Double, to text: inout [UInt8]) {
        guard value != 0 else { return text.append(UInt8(ascii: "0")) }
        // "d.dddddddddddddde±xxx"
        var buffer = [CChar](repeating: 0, count: 32)
        let count = unsafe withVaList([abs(value)]) { arguments in
            unsafe vsnprintf(&buffer, buffer.count, "%.14e", arguments)
        }
        let printed = buffer.prefix(Int(count)).map { UInt8(bitPattern: $0) }
        guard let mark = printed.firstIndex(of: UInt8(ascii: "e")),
            let exponent = Int(String(decoding: printed[(mark + 1)...], as: UTF8.self))
        else { return }
        var digits = printed[..<mark].filter { $0 != UInt8(ascii: ".") }
        while digits.count > 1, digits.last == UInt8(ascii: "0") { digits.removeLast() }
        if value < 0 { text.append(UInt8(ascii: "-")) }
        if exponent < 0 {
            text.append(contentsOf: "0.".utf8)
            text.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: -exponent - 1))
            text.append(contentsOf: digits)
        } else if digits.count <= exponent + 1 {
            text.append(contentsOf: digits)
            text.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: exponent + 1 - digits.count))
        } else {
            text.append(contentsOf: digits[...exponent])
            text.append(UInt8(ascii: "."))
            text.append(contentsOf: digits[(exponent + 1)...])
        }
    }
}
