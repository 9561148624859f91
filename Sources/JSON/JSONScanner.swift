/// The state machine behind both readers: bytes in, events out, nothing read or waited for.
///
/// The owner appends to `window` and calls `next()`; on `.starved` it calls `discardRead()`, appends more, and calls
/// `filled(isComplete:)`. A token cut by the window's end is looked at again only from where the bytes ran out.
struct JSONScanner: Sendable {
    enum Step: Equatable {
        case event(JSONEvent)
        case starved
        case end
    }

    private enum Expectation {
        case value, valueOrEnd, nameOrEnd, name, colon, commaOrEnd, nothing
    }

    let limits: JSONLimits
    /// The bytes not discarded yet.
    var window: [UInt8] = []
    private(set) var isComplete = false
    /// Of the last event's first byte, from the text's beginning.
    private(set) var offset = 0
    /// Arrays and objects that are open.
    var depth: Int { open.count }

    private var expects = Expectation.value
    /// One per open container: whether it is an object.
    private var open: [Bool] = []
    private var names = OpenNames()

    /// In `window`: the first byte not consumed.
    private var position = 0
    /// In `window`: how far a cut token was looked at.
    private var scanned = 0
    private var sawEscape = false
    private var sawHighByte = false

    private var token = 0..<0
    private var tokenIsUnescaped = false
    private var unescaped: [UInt8] = []

    private var discarded = DiscardedText()

    init(limits: JSONLimits) {
        self.limits = limits
    }

    /// A scanner over a whole text.
    init(_ bytes: [UInt8], limits: JSONLimits) throws(JSONError) {
        self.init(limits: limits)
        window = bytes
        try filled(isComplete: true)
    }

    // MARK: - The text of the last name, string or number

    var text: String {
        withToken { bytes in
            // Proof: a token is validated as UTF-8 before its event is given out.
            unsafe String(copying: UTF8Span(unchecked: bytes))
        }
    }

    func withToken<Result, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(tokenIsUnescaped ? unescaped.span : window.span.extracting(token))
    }

    // MARK: - Filling

    /// Drops what was consumed from the window, so that it doesn't grow.
    mutating func discardRead() {
        // Removing nothing would still move all that is there.
        guard position > 0 else { return }
        discarded = discarded.adding(window.span.extracting(..<position))
        window.removeSubrange(..<position)
        scanned = max(0, scanned - position)
        position = 0
        token = 0..<0
    }

    mutating func filled(isComplete: Bool) throws(JSONError) {
        self.isComplete = isComplete
        if discarded.bytes + window.count > limits.bytes {
            throw fault(.tooLarge, "the text is longer than \(limits.bytes) bytes", at: position)
        }
    }

    // MARK: - Events

    mutating func next() throws(JSONError) -> Step {
        while true {
            position = Self.endOfWhitespace(window.span, from: position)
            guard position < window.count else {
                if !isComplete { return .starved }
                if expects == .nothing { return .end }
                throw fault(.unexpectedEnd, "the text ends where \(expected) should stand", at: position)
            }
            let byte = window[position]
            switch expects {
            case .colon:
                guard byte == UInt8(ascii: ":") else { throw unexpected() }
                position += 1
                expects = .value
            case .commaOrEnd:
                guard byte == UInt8(ascii: ",") else { return try close(byte) }
                position += 1
                expects = open.last == true ? .name : .value
            case .name, .nameOrEnd:
                if byte == UInt8(ascii: "\"") { return try name() }
                guard expects == .nameOrEnd else { throw unexpected() }
                return try close(byte)
            case .value, .valueOrEnd:
                return try value(byte)
            case .nothing:
                throw fault(.trailingContent, "\(shown(position)) follows the value", at: position)
            }
        }
    }

    private mutating func value(_ byte: UInt8) throws(JSONError) -> Step {
        switch byte {
        case UInt8(ascii: "\""):
            guard try string() else { return .starved }
            return finish(.string)
        case UInt8(ascii: "{"):
            return try begin(isObject: true)
        case UInt8(ascii: "["):
            return try begin(isObject: false)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            return try number()
        case UInt8(ascii: "t"):
            return try literal("true", .bool(true))
        case UInt8(ascii: "f"):
            return try literal("false", .bool(false))
        case UInt8(ascii: "n"):
            return try literal("null", .null)
        case 0xEF where discarded.bytes + position == 0:
            guard window.count >= 3 || isComplete else { return .starved }
            guard window.starts(with: [0xEF, 0xBB, 0xBF]) else { throw unexpected() }
            throw fault(.byteOrderMark, "a byte-order mark stands", at: 0)
        default:
            guard expects == .valueOrEnd else { throw unexpected() }
            return try close(byte)
        }
    }

    private mutating func begin(isObject: Bool) throws(JSONError) -> Step {
        guard open.count < limits.depth else {
            throw fault(.tooDeep, "arrays and objects are nested more than \(limits.depth) deep", at: position)
        }
        open.append(isObject)
        if isObject { names.beginObject() }
        offset = discarded.bytes + position
        position += 1
        expects = isObject ? .nameOrEnd : .valueOrEnd
        return .event(isObject ? .beginObject : .beginArray)
    }

    private mutating func close(_ byte: UInt8) throws(JSONError) -> Step {
        guard let isObject = open.last, byte == UInt8(ascii: isObject ? "}" : "]") else { throw unexpected() }
        open.removeLast()
        if isObject { names.endObject() }
        offset = discarded.bytes + position
        position += 1
        expects = open.isEmpty ? .nothing : .commaOrEnd
        return .event(isObject ? .endObject : .endArray)
    }

    /// Ends a value that is one token.
    private mutating func finish(_ event: JSONEvent) -> Step {
        expects = open.isEmpty ? .nothing : .commaOrEnd
        return .event(event)
    }

    // MARK: - Tokens

    private mutating func name() throws(JSONError) -> Step {
        let start = position
        guard try string() else { return .starved }
        let isNew = tokenIsUnescaped ? names.insert(unescaped, 0..<unescaped.count) : names.insert(window, token)
        guard isNew else { throw fault(.duplicateName, "a name is repeated in its object", at: start) }
        guard names.count <= limits.members else {
            throw fault(.tooLarge, "an object has more than \(limits.members) members", at: start)
        }
        expects = .colon
        return .event(.name)
    }

    /// Consumes a string up to its closing quote; false if the window ends before it.
    private mutating func string() throws(JSONError) -> Bool {
        let from = max(scanned, position + 1)
        let found = Self.endOfString(window.span, from: from)
        sawEscape = sawEscape || found.sawEscape
        sawHighByte = sawHighByte || found.sawHighByte
        guard found.end < window.count, window[found.end] != UInt8(ascii: "\\") else {
            if isComplete { throw fault(.unexpectedEnd, "a string without its closing quote begins", at: position) }
            try checkTokenLength(window.count - position)
            scanned = found.end
            return false
        }
        guard window[found.end] == UInt8(ascii: "\"") else {
            throw fault(
                .controlCharacter,
                "the control character \(shown(found.end)) stands unescaped in a string",
                at: found.end
            )
        }
        let content = position + 1..<found.end
        try checkTokenLength(content.count + 2)
        if sawHighByte, let bad = Self.invalidUTF8(window.span, content) {
            throw fault(.utf8, "a byte that is not UTF-8 (\(hex(window[bad]))) stands", at: bad)
        }
        tokenIsUnescaped = sawEscape
        if sawEscape { try unescape(content) }
        take(content, through: found.end + 1)
        return true
    }

    private mutating func unescape(_ content: Range<Int>) throws(JSONError) {
        // Out and in again: a span of one stored property and `inout` of another may not overlap.
        var buffer: [UInt8] = []
        swap(&buffer, &unescaped)
        let problem = Self.unescape(window.span, content, into: &buffer)
        swap(&buffer, &unescaped)
        switch problem {
        case nil:
            break
        case .unknown(let place):
            throw fault(.escape, "an escape that JSON doesn't have stands", at: place)
        case .loneSurrogate(let place):
            throw fault(.surrogate, "half of a surrogate pair stands alone", at: place)
        }
    }

    private mutating func number() throws(JSONError) -> Step {
        let end = Self.endOfNumber(window.span, from: max(scanned, position))
        try checkTokenLength(end - position)
        if end == window.count, !isComplete {
            scanned = end
            return .starved
        }
        if let bad = JSONNumber.fault(window.span.extracting(position..<end)) {
            throw fault(.number, "a number is not written as JSON asks", at: position + bad)
        }
        tokenIsUnescaped = false
        take(position..<end, through: end)
        return finish(.number)
    }

    private mutating func literal(_ text: StaticString, _ event: JSONEvent) throws(JSONError) -> Step {
        var index = position
        for byte in "\(text)".utf8 {
            guard index < window.count else {
                if !isComplete { return .starved }
                throw fault(.unexpectedEnd, "the text ends inside `\(text)`", at: index)
            }
            guard window[index] == byte else {
                throw fault(.syntax, "\(shown(index)) stands where `\(text)` should go on", at: index)
            }
            index += 1
        }
        take(position..<index, through: index)
        return finish(event)
    }

    private mutating func take(_ range: Range<Int>, through end: Int) {
        token = range
        offset = discarded.bytes + position
        position = end
        scanned = 0
        sawEscape = false
        sawHighByte = false
    }

    private func checkTokenLength(_ length: Int) throws(JSONError) {
        guard length <= limits.tokenBytes else {
            throw fault(.tooLarge, "a string or number is longer than \(limits.tokenBytes) bytes", at: position)
        }
    }

    // MARK: - Faults

    private var expected: String {
        switch expects {
        case .value: "a value"
        case .valueOrEnd: "a value or ']'"
        case .nameOrEnd: "a name in quotes or '}'"
        case .name: "a name in quotes"
        case .colon: "':'"
        case .commaOrEnd: open.last == true ? "',' or '}'" : "',' or ']'"
        case .nothing: "nothing"
        }
    }

    private func unexpected() -> JSONError {
        fault(.syntax, "\(shown(position)) stands where \(expected) should", at: position)
    }

    /// A byte of the text, readable in a message.
    private func shown(_ index: Int) -> String {
        let byte = window[index]
        return byte > 0x20 && byte < 0x7F ? "'\(Character(UnicodeScalar(byte)))'" : hex(byte)
    }

    private func hex(_ byte: UInt8) -> String {
        "0x" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }

    /// An error for the reader's own caller, at the last event.
    func faultAtEvent(_ code: JSONError.Code, _ text: String) -> JSONError {
        fault(code, text, at: offset - discarded.bytes)
    }

    private func fault(_ code: JSONError.Code, _ text: String, at index: Int) -> JSONError {
        let before = discarded.adding(window.span.extracting(..<max(0, min(index, window.count))))
        return JSONError(code, text, offset: before.bytes, line: before.lines + 1, column: before.column + 1)
    }
}

/// What must be known of bytes that are gone, to name a place behind them.
private struct DiscardedText: Sendable {
    var bytes = 0
    var lines = 0
    /// Code points since the last line feed.
    var column = 0

    func adding(_ span: Span<UInt8>) -> DiscardedText {
        var sum = self
        sum.bytes += span.count
        var newlines = 0
        for index in span.indices where span[index] == UInt8(ascii: "\n") { newlines &+= 1 }
        var start = 0
        if newlines > 0 {
            sum.lines += newlines
            sum.column = 0
            start = span.count
            while span[start - 1] != UInt8(ascii: "\n") { start -= 1 }
        }
        for index in start..<span.count where span[index] & 0xC0 != 0x80 { sum.column &+= 1 }
        return sum
    }
}
