/// What a value looks like, by its ASCII characters alone.
enum ValueKind: Int, CaseIterable {
    /// Digits, perhaps with a sign.
    case integer
    /// Digits with one point.
    case decimal
    /// Two separators between numbers or a month's name: `31/12/2024`, `2024-12-31`, `31-Dec-2024`; or eight digits in
    /// `DateEvidence`.
    case date
    /// A date, a time of day, perhaps a zone: `2024-12-31T23:59:59Z`.
    case timestamp
    /// One at sign with something on both sides, no spaces.
    case email
    case other

    init(_ value: Span<UInt8>) {
        var (digits, points, separators, letters, signs, others) = (0, 0, 0, 0, 0, 0)
        var separator: UInt8 = 0
        var isOneSeparator = true
        for index in value.indices {
            switch value[index] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digits += 1
            case UInt8(ascii: "/"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: " "):
                if value[index] == UInt8(ascii: ".") { points += 1 }
                if index == 0, value[0] == UInt8(ascii: "-") {
                    signs += 1
                } else {
                    isOneSeparator = isOneSeparator && (separators == 0 || separator == value[index])
                    separator = value[index]
                    separators += 1
                }
            case UInt8(ascii: "+") where index == 0: signs += 1
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): letters += 1
            default: others += 1
            }
        }
        if digits > 0, letters == 0, others == 0, separators == points, points <= 1 {
            self = points == 0 ? .integer : .decimal
        } else if digits >= 3, digits <= 8, separators == 2, isOneSeparator, others == 0, signs == 0,
            letters == 0 || letters == 3 && digits >= 5
        {
            self = .date
        } else if value.isTimestamp {
            self = .timestamp
        } else {
            self = value.isEmail ? .email : .other
        }
    }
}

extension Span<UInt8> {
    fileprivate var isTimestamp: Bool {
        count >= 16 && self[4] == UInt8(ascii: "-") && self[7] == UInt8(ascii: "-")
            && (self[10] == UInt8(ascii: "T") || self[10] == UInt8(ascii: " ")) && self[13] == UInt8(ascii: ":")
    }

    fileprivate var isEmail: Bool {
        var at: Int?
        for index in indices {
            if self[index] == UInt8(ascii: "@") {
                guard at == nil else { return false }
                at = index
            } else if self[index] <= 0x20 {
                return false
            }
        }
        guard let at, at > 0 else { return false }
        var hasPoint = false
        for index in at + 1..<count where self[index] == UInt8(ascii: ".") { hasPoint = true }
        return hasPoint && self[count - 1] != UInt8(ascii: ".")
    }
}
