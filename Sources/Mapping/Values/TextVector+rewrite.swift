extension TextVector {
    /// Replaces values one by one by what `change` appends; empty and null rows stay.
    ///
    /// A row fails where `change` answers false, or where its value grows longer than a target takes.
    mutating func rewrite(failure: UInt8, _ change: (_ value: Span<UInt8>, _ output: inout [UInt8]) -> Bool) {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        var offsets = [Int32](repeating: 0, count: count + 1)
        var found = states
        withRanges { starts, ends in
            let bytes = bytes.span
            for row in 0..<count {
                let start = Int(starts[row])
                let end = Int(ends[row])
                if states[row] == RowState.value, start < end {
                    let begin = output.count
                    let isRight = change(bytes.extracting(start..<end), &output)
                    if !isRight || output.count - begin > ValueLimit.text || output.count > ValueLimit.buffer {
                        output.removeLast(output.count - begin)
                        found[row] = failure
                    }
                }
                offsets[row + 1] = Int32(output.count)
            }
        }
        let isASCII = ByteScan.isASCII(output.span)
        self = TextVector(count: count, bytes: output, ranges: .packed(offsets), states: found, isASCII: isASCII)
    }
}

extension MappingFunction.Step {
    /// A step that looks at each value by itself, as bytes. See `TextVector.rewrite`.
    ///
    /// - Parameter beyondASCII: columns that are all ASCII stay as they are.
    static func each(
        result: ValueType? = nil,
        beyondASCII: Bool = false,
        _ change: @escaping @Sendable (_ value: Span<UInt8>, _ output: inout [UInt8]) -> Bool,
        explain: @escaping @Sendable (_ value: String, _ place: FailurePlace) -> Complaint = { _, _ in
            TargetField.tooLong
        }
    ) -> Self {
        Self(result: result) { value, _, failure in
            if beyondASCII, value.isASCII { return }
            value.rewrite(failure: failure, change)
        } explain: { value, place in
            explain(value, place)
        }
    }

    /// The same with texts; nil fails the row.
    static func eachText(
        beyondASCII: Bool = false,
        _ change: @escaping @Sendable (String) -> String?,
        explain: @escaping @Sendable (_ value: String, _ place: FailurePlace) -> Complaint = { _, _ in
            TargetField.tooLong
        }
    ) -> Self {
        each(
            beyondASCII: beyondASCII,
            { value, output in
                guard let text = change(String(bytes: value)) else { return false }
                output.append(contentsOf: text.utf8)
                return true
            },
            explain: explain
        )
    }
}

extension String {
    /// Bytes that are valid UTF-8.
    init(bytes: Span<UInt8>) {
        self = unsafe bytes.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
    }
}

extension [UInt8] {
    mutating func append(_ bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}

extension Span<UInt8> {
    /// Bytes of the character of valid UTF-8 that begins here.
    @inline(__always)
    func characterLength(at index: Int) -> Int {
        switch self[index] {
        case ..<0x80: 1
        case ..<0xE0: 2
        case ..<0xF0: 3
        default: 4
        }
    }

    /// The code point of the character of valid UTF-8 that begins here.
    @inline(__always)
    func scalar(at index: Int) -> UInt32 {
        let lead = self[index]
        func next(_ offset: Int) -> UInt32 { UInt32(self[index &+ offset] & 0x3F) }
        switch lead {
        case ..<0x80: return UInt32(lead)
        case ..<0xE0: return UInt32(lead & 0x1F) << 6 | next(1)
        case ..<0xF0: return UInt32(lead & 0x0F) << 12 | next(1) << 6 | next(2)
        default: return UInt32(lead & 0x07) << 18 | next(1) << 12 | next(2) << 6 | next(3)
        }
    }

    /// How many characters (code points) valid UTF-8 has.
    func characterCount() -> Int {
        var characters = 0
        for index in 0..<count where self[index] & 0xC0 != 0x80 { characters &+= 1 }
        return characters
    }

    /// Where the character with this number (from 0) begins; the count of bytes behind the last.
    func offset(ofCharacter number: Int) -> Int {
        var index = 0
        var left = number
        while left > 0, index < count {
            index &+= characterLength(at: index)
            left &-= 1
        }
        return index
    }
}
