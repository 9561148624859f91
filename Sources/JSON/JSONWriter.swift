/// Writes JSON into bytes without building values first.
///
/// The same calls give the same bytes. The caller keeps the order: in an object a name before each value, and as many
/// ends as beginnings.
package struct JSONWriter: Sendable {
    package enum Style: Sendable {
        /// No white space.
        case compact
        /// Two spaces a level, a member a line.
        case pretty
    }

    package private(set) var bytes: [UInt8]
    private let style: Style
    private var depth = 0
    private var place = Place.alone

    private enum Place {
        /// At the top, or behind a name.
        case alone
        /// Behind a bracket that opened.
        case first
        /// Behind a value in a container.
        case later
    }

    /// Goes on behind bytes that are there already.
    package init(appendingTo bytes: [UInt8] = [], style: Style = .compact) {
        self.bytes = bytes
        self.style = style
    }

    // MARK: - Containers

    package mutating func beginObject() { begin(UInt8(ascii: "{")) }
    package mutating func endObject() { end(UInt8(ascii: "}")) }
    package mutating func beginArray() { begin(UInt8(ascii: "[")) }
    package mutating func endArray() { end(UInt8(ascii: "]")) }

    package mutating func name(_ name: String) {
        separate()
        appendQuoted(name.utf8Span.span)
        bytes.append(UInt8(ascii: ":"))
        if style == .pretty { bytes.append(UInt8(ascii: " ")) }
        place = .alone
    }

    // MARK: - Values

    package mutating func string(_ text: String) {
        string(text.utf8Span.span)
    }

    /// `utf8` must be valid, as the values of a text column are.
    package mutating func string(_ utf8: Span<UInt8>) {
        separate()
        appendQuoted(utf8)
        finishValue()
    }

    package mutating func integer(_ value: Int64) {
        separate()
        appendDigits(value.magnitude, isNegative: value < 0)
        finishValue()
    }

    /// A number exactly as it is written; it must be one by `JSONValue(number:)`.
    package mutating func number(_ text: String) {
        precondition(JSONNumber.fault(text.utf8Span.span) == nil, "not a JSON number")
        separate()
        bytes.append(contentsOf: text.utf8)
        finishValue()
    }

    package mutating func bool(_ value: Bool) {
        separate()
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
        finishValue()
    }

    package mutating func null() {
        separate()
        bytes.append(contentsOf: "null".utf8)
        finishValue()
    }

    package mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let flag): bool(flag)
        case .integer(let number): integer(number)
        case .number(let text): number(text)
        case .string(let text): string(text)
        case .array(let items):
            beginArray()
            for item in items { self.value(item) }
            endArray()
        case .object(let object):
            beginObject()
            for member in object.members {
                name(member.name)
                self.value(member.value)
            }
            endObject()
        }
    }

    // MARK: - Between values

    private mutating func begin(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        depth += 1
        place = .first
    }

    private mutating func end(_ bracket: UInt8) {
        depth -= 1
        if place == .later { breakLine() }
        bytes.append(bracket)
        finishValue()
    }

    private mutating func separate() {
        switch place {
        case .alone: break
        case .first: breakLine()
        case .later:
            bytes.append(UInt8(ascii: ","))
            breakLine()
        }
    }

    private mutating func finishValue() {
        place = depth == 0 ? .alone : .later
    }

    private mutating func breakLine() {
        guard style == .pretty else { return }
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * depth))
    }
}

// MARK: - Text

extension JSONWriter {
    /// Escapes quotes, backslashes and every control character (C0, DEL, C1: a terminal must not obey what is shown).
    private mutating func appendQuoted(_ text: Span<UInt8>) {
        bytes.append(UInt8(ascii: "\""))
        var start = 0
        while start < text.count {
            let end = Self.endOfPlain(text, from: start)
            // Proof: the pointer is used inside the closure alone.
            unsafe text.extracting(start..<end).withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
            guard end < text.count else { break }
            start = appendSpecial(text, at: end)
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// The place of the first byte that may have to be escaped.
    private static func endOfPlain(_ text: Span<UInt8>, from start: Int) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        var index = start
        while index + 8 <= text.count {
            let word = text.eightBytes(at: index)
            let quote = word ^ (ones &* UInt64(UInt8(ascii: "\"")))
            let backslash = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
            let delete = word ^ (ones &* 0x7F)
            let c1 = word ^ (ones &* 0xC2)
            let low = (word &- ones &* 0x20) & ~word
            let others = (quote &- ones) & ~quote | (backslash &- ones) & ~backslash
            let hit = low | others | (delete &- ones) & ~delete | (c1 &- ones) & ~c1
            let marks = hit & (ones &* 0x80)
            if marks != 0 { return index + marks.trailingZeroBitCount >> 3 }
            index += 8
        }
        while index < text.count {
            switch text[index] {
            case 0..<0x20, UInt8(ascii: "\""), UInt8(ascii: "\\"), 0x7F, 0xC2: return index
            default: index += 1
            }
        }
        return index
    }

    /// Writes the character at this place, escaped if it must be; the place behind it.
    private mutating func appendSpecial(_ text: Span<UInt8>, at index: Int) -> Int {
        let byte = text[index]
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(contentsOf: [UInt8(ascii: "\\"), byte])
        case 0x08: bytes.append(contentsOf: "\\b".utf8)
        case 0x09: bytes.append(contentsOf: "\\t".utf8)
        case 0x0A: bytes.append(contentsOf: "\\n".utf8)
        case 0x0C: bytes.append(contentsOf: "\\f".utf8)
        case 0x0D: bytes.append(contentsOf: "\\r".utf8)
        case 0xC2:
            guard index + 1 < text.count, text[index + 1] < 0xA0 else {
                bytes.append(byte)
                return index + 1
            }
            appendUnit(text[index + 1])
            return index + 2
        default: appendUnit(byte)
        }
        return index + 1
    }

    private mutating func appendUnit(_ value: UInt8) {
        bytes.append(contentsOf: "\\u00".utf8)
        for digit in [value >> 4, value & 15] {
            bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }

    private mutating func appendDigits(_ magnitude: UInt64, isNegative: Bool) {
        if isNegative { bytes.append(UInt8(ascii: "-")) }
        let start = bytes.count
        var rest = magnitude
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        bytes[start...].reverse()
    }
}
