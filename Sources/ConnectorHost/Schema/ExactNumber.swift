package import JSON

/// A JSON number as it was written, compared and divided without rounding.
///
/// The value is 0.d₁d₂d₃… × 10^exponent with no zero at either end of the digits; no digits at all is zero.
package struct ExactNumber: Sendable, Equatable, Comparable {
    private var isNegative: Bool
    private var digits: [UInt8]
    private var exponent: Int

    /// Exponents beyond this are kept at it: 10^1,000,000,000 is as good as any number above it.
    private static let largestExponent = 1_000_000_000

    /// nil for a value that is no number.
    package init?(_ value: JSONValue) {
        switch value {
        case .integer(let integer): self.init(text: String(integer))
        case .number(let text): self.init(text: text)
        default: return nil
        }
    }

    /// Reads what RFC 8259 calls a number.
    private init(text: String) {
        var digits: [UInt8] = []
        var isNegative = false
        var point: Int?
        var exponent = 0
        var rest = Substring(text)[...]
        if rest.first == "-" {
            isNegative = true
            rest = rest.dropFirst()
        }
        scan: for (position, byte) in rest.utf8.enumerated() {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digits.append(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "."): point = digits.count
            default:
                exponent = Self.exponent(Array(rest.utf8.dropFirst(position + 1)))
                break scan
            }
        }
        exponent += point ?? digits.count
        let leading = digits.prefix { $0 == 0 }.count
        digits.removeFirst(leading)
        while digits.last == 0 { digits.removeLast() }
        self.digits = digits
        self.isNegative = isNegative && !digits.isEmpty
        self.exponent = digits.isEmpty ? 0 : exponent - leading
    }

    private static func exponent(_ text: [UInt8]) -> Int {
        var value = 0
        for byte in text where byte != UInt8(ascii: "-") && byte != UInt8(ascii: "+") {
            value = min(value * 10 + Int(byte) - 48, largestExponent)
        }
        return text.first == UInt8(ascii: "-") ? -value : value
    }

    package var isInteger: Bool { digits.count <= exponent || digits.isEmpty }

    package var isPositive: Bool { !isNegative && !digits.isEmpty }

    package static func < (left: ExactNumber, right: ExactNumber) -> Bool {
        let (one, other) = (left.sign, right.sign)
        guard one == other else { return one < other }
        return one < 0 ? right.isSmallerSize(than: left) : left.isSmallerSize(than: right)
    }

    private var sign: Int { digits.isEmpty ? 0 : isNegative ? -1 : 1 }

    private func isSmallerSize(than other: ExactNumber) -> Bool {
        guard exponent == other.exponent else { return exponent < other.exponent }
        return digits.lexicographicallyPrecedes(other.digits)
    }

    /// Whether it can be what others are multiples of: positive, at most 18 digits.
    package var isUsableAsDivisor: Bool { isPositive && digits.count <= 18 }

    /// Whether this is a whole multiple of a usable divisor.
    package func isMultiple(of divisor: ExactNumber) -> Bool {
        guard !digits.isEmpty else { return true }
        // As whole numbers times powers of ten: V × 10^v is a multiple of M × 10^m if V × 10^(v−m) is one of M. V does
        // not end in 0, so for v < m it is none.
        let power = (exponent - digits.count) - (divisor.exponent - divisor.digits.count)
        guard power >= 0 else { return false }
        let modulus = divisor.digits.reduce(UInt128(0)) { $0 * 10 + UInt128($1) }
        let value = digits.reduce(UInt128(0)) { ($0 * 10 + UInt128($1)) % modulus }
        return value * Self.powerOfTen(power, modulo: modulus) % modulus == 0
    }

    private static func powerOfTen(_ power: Int, modulo modulus: UInt128) -> UInt128 {
        var (result, base, rest) = (1 % modulus, 10 % modulus, power)
        while rest > 0 {
            if rest & 1 == 1 { result = result * base % modulus }
            base = base * base % modulus
            rest >>= 1
        }
        return result
    }
}

extension JSONValue {
    /// Equality as JSON Schema has it: 1 is 1.0, members have no order, texts are compared by code point.
    func isSchemaEqual(to other: JSONValue) -> Bool {
        switch (self, other) {
        case (.null, .null): return true
        case (.bool(let one), .bool(let two)): return one == two
        case (.string(let one), .string(let two)): return one.utf8.elementsEqual(two.utf8)
        case (.array(let one), .array(let two)):
            return one.count == two.count && zip(one, two).allSatisfy { $0.isSchemaEqual(to: $1) }
        case (.object(let one), .object(let two)):
            guard one.members.count == two.members.count else { return false }
            return one.members.allSatisfy { member in two[member.name]?.isSchemaEqual(to: member.value) ?? false }
        default:
            guard let one = ExactNumber(self), let two = ExactNumber(other) else { return false }
            return one == two
        }
    }
}
