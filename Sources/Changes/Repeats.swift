/// What a record is whose key another record of the same snapshot had before.
package enum Repetition: Sendable, Equatable {
    /// It says the same, or something older: nothing to do.
    case duplicate
    /// It is newer, by the policy's order field, and is applied over the kept one.
    case newer
    /// It differs, and nothing says which is newer: the kept one stays, this one is a reject.
    case conflicting

    /// * `same`: whether both records have the same mapped values.
    /// * `kept`, `repeated`: the order field's values of the record that was kept and of the one in hand; nil where
    ///   there is none, or the policy names no order field.
    package static func decide(same: Bool, kept: [UInt8]?, repeated: [UInt8]?) -> Repetition {
        if same { return .duplicate }
        guard let kept, let repeated else { return .conflicting }
        let order = OrderValue.compare(repeated, kept)
        if order == 0 { return .conflicting }
        return order > 0 ? .newer : .duplicate
    }
}

/// Values of an order field: whole numbers by size, anything else (ISO dates and instants) byte by byte.
package enum OrderValue {
    /// Below, equal to or above 0, as the left value is older, as old or newer.
    package static func compare(_ left: [UInt8], _ right: [UInt8]) -> Int {
        if let number = digits(left), let other = digits(right) {
            if number.count != other.count { return number.count - other.count }
            return compareBytes(number, other)
        }
        return compareBytes(withoutZone(left), withoutZone(right))
    }

    /// A whole number's digits without leading zeros; nil for anything else.
    private static func digits(_ value: [UInt8]) -> ArraySlice<UInt8>? {
        guard !value.isEmpty, value.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }) else { return nil }
        return value.drop { $0 == UInt8(ascii: "0") }
    }

    /// `…:00Z` stands before `…:00.5Z`, though `Z` is greater than `.`.
    private static func withoutZone(_ value: [UInt8]) -> ArraySlice<UInt8> {
        value.last == UInt8(ascii: "Z") ? value.dropLast() : value[...]
    }

    private static func compareBytes(_ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>) -> Int {
        for (byte, other) in zip(left, right) where byte != other { return Int(byte) - Int(other) }
        return left.count - right.count
    }
}
