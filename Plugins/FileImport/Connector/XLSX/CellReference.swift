/// Columns as spreadsheets name them: A, B … Z, AA … XFD, counted from 0.
enum CellReference {
    /// The column and row (from 1) of a reference such as `AB12`; nil for anything else, and for what lies beyond the grid
    /// by far. Dollar signs are refused: no cell's own reference has them.
    static func parse(_ bytes: Span<UInt8>) -> (column: Int, row: Int)? {
        var position = 0
        var column = 0
        while position < bytes.count, let letter = letter(bytes[position]) {
            column = column * 26 + letter + 1
            position += 1
            guard position <= 6 else { return nil }
        }
        guard position > 0, position < bytes.count, bytes.count - position <= 12 else { return nil }
        var row = 0
        while position < bytes.count {
            guard let digit = bytes[position].decimalDigit else { return nil }
            row = row * 10 + Int(digit)
            position += 1
        }
        return (column - 1, row)
    }

    @inline(__always)
    private static func letter(_ byte: UInt8) -> Int? {
        switch byte {
        case 0x41...0x5A: Int(byte) - 0x41
        case 0x61...0x7A: Int(byte) - 0x61
        default: nil
        }
    }

    /// A column's letters.
    static func name(ofColumn column: Int) -> String {
        var letters: [UInt8] = []
        var rest = column + 1
        while rest > 0 {
            letters.append(UInt8(0x41 + (rest - 1) % 26))
            rest = (rest - 1) / 26
        }
        return String(decoding: letters.reversed(), as: UTF8.self)
    }
}
