/// Appends texts one by one into a utf8 column.
package struct TextColumnBuilder: Sendable {
    package private(set) var offsets: [Int32]
    package private(set) var bytes: [UInt8]
    private var validity: [UInt8] = []
    private var nullCount = 0

    package init(rows: Int = 0, bytes: Int = 0) {
        offsets = []
        offsets.reserveCapacity(rows + 1)
        offsets.append(0)
        self.bytes = []
        self.bytes.reserveCapacity(bytes)
    }

    package var count: Int { offsets.count - 1 }

    package mutating func append(_ text: String) {
        bytes.append(contentsOf: text.utf8)
        finishValue(isValid: true)
    }

    package mutating func append(contentsOf text: some Sequence<UInt8>) {
        bytes.append(contentsOf: text)
        finishValue(isValid: true)
    }

    package mutating func appendNull() {
        finishValue(isValid: false)
    }

    private mutating func finishValue(isValid: Bool) {
        let row = count
        if !isValid, validity.isEmpty { validity = [UInt8](repeating: 0xFF, count: (row >> 3) + 1) }
        if !validity.isEmpty {
            if row >> 3 >= validity.count { validity.append(0xFF) }
            if !isValid {
                validity[row >> 3] &= ~(1 << UInt8(row & 7))
                nullCount += 1
            }
        }
        offsets.append(Int32(bytes.count))
    }

    package consuming func finish(name: String) -> Column {
        let count = count
        return Column(
            field: Field(name: name, type: .utf8),
            count: count,
            nullCount: nullCount,
            validity: validity,
            offsets: offsets,
            bytes: bytes
        )
    }
}
