/// A column of texts under way through a transform: ranges into one buffer, and a state per row.
///
/// Functions shorten ranges in place, change the buffer as a whole, or append changed values to it. Rows whose state is not
/// `RowState.value` may have any range. All bytes within a range are valid UTF-8.
struct TextVector: Sendable {
    var count: Int
    var bytes: [UInt8]
    var ranges: Ranges
    /// A `RowState` per row.
    var states: [UInt8]
    /// No byte of the buffer is above 0x7F.
    var isASCII: Bool

    enum Ranges: Sendable {
        /// `count + 1` offsets: the values stand end to end.
        case packed([Int32])
        case loose(starts: [Int32], ends: [Int32])
    }

    init(count: Int, bytes: [UInt8], ranges: Ranges, states: [UInt8], isASCII: Bool) {
        self.count = count
        self.bytes = bytes
        self.ranges = ranges
        self.states = states
        self.isASCII = isASCII
    }

    /// The same text in every row; nil for null.
    init(repeating text: [UInt8]?, count: Int) {
        let bytes = text ?? []
        self.init(
            count: count,
            bytes: bytes,
            ranges: .loose(
                starts: [Int32](repeating: 0, count: count),
                ends: [Int32](repeating: Int32(bytes.count), count: count)
            ),
            states: [UInt8](repeating: text == nil ? RowState.null : RowState.value, count: count),
            isASCII: bytes.allSatisfy { $0 < 0x80 }
        )
    }

    /// The ranges' two arrays, taken out so that they can be changed in place. Put them back with `ranges = .loose(…)`.
    mutating func takeRanges() -> (starts: [Int32], ends: [Int32]) {
        let taken = ranges
        ranges = .packed([])
        switch taken {
        case .loose(let starts, let ends): return (starts, ends)
        case .packed(let offsets): return (Array(offsets.dropLast()), Array(offsets.dropFirst()))
        }
    }

    /// Gives the starts and the ends of all rows.
    func withRanges<Result>(_ body: (_ starts: Span<Int32>, _ ends: Span<Int32>) -> Result) -> Result {
        switch ranges {
        case .loose(let starts, let ends):
            return body(starts.span, ends.span)
        case .packed(let offsets):
            let offsets = offsets.span
            return body(offsets.extracting(0..<count), offsets.extracting((offsets.count - count)...))
        }
    }

    /// One row's text; nil for null and for what failed. Lists as JSON. For single values.
    func text(_ row: Int) -> String? {
        guard states[row] == RowState.value else { return nil }
        return withRanges { starts, ends in
            let value = bytes.span.extracting(Int(starts[row])..<Int(ends[row]))
            return TextList.isList(value) ? TextList.shown(value) : String(bytes: value)
        }
    }

    /// One row as a vector of its own.
    func row(_ row: Int) -> TextVector {
        withRanges { starts, ends in
            let value = Array(bytes[Int(starts[row])..<Int(ends[row])])
            return TextVector(
                count: 1,
                bytes: value,
                ranges: .packed([0, Int32(value.count)]),
                states: [states[row]],
                isASCII: isASCII
            )
        }
    }
}

/// What a row of a `TextVector` holds.
enum RowState {
    static let value: UInt8 = 0
    static let null: UInt8 = 1
    /// The target needs a value and there is none.
    static let requiredMissing: UInt8 = 254
    /// The target's rule refuses the value.
    static let ruleBroken: UInt8 = 255

    /// The call with this number (from 0) failed.
    static func failed(call: Int) -> UInt8 { UInt8(2 + call) }

    /// The call that failed; nil for other states.
    static func failedCall(_ state: UInt8) -> Int? {
        state >= 2 && state < requiredMissing ? Int(state) - 2 : nil
    }
}

/// How much may come together.
enum ValueLimit {
    /// Bytes of one value in a target.
    static let text = 65_536
    /// Bytes of one buffer: offsets have 32 bits.
    static let buffer = Int(Int32.max)
}
