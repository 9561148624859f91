package import Mapping

/// What a mapped value does to a field of an existing row.
package enum FieldChange: Sendable, Equatable {
    case keep, write, erase

    /// * `isEmpty`: whether the row has nothing in the field now.
    /// * `isEqual`: whether it has exactly the mapped value.
    /// * `owned`: whether the row belongs to the record's config. Others' rows get only what they lack.
    package static func decide(
        _ state: ValueState,
        _ rule: WriteRule,
        isEmpty: Bool,
        isEqual: Bool,
        owned: Bool
    ) -> FieldChange {
        switch (state, rule) {
        case (.absent, _), (.failed, _), (_, .onCreate):
            .keep
        case (.value, .always):
            isEqual || (!owned && !isEmpty) ? .keep : .write
        case (.value, .whenEmpty):
            isEqual || !isEmpty ? .keep : .write
        case (.erase, .always):
            isEmpty || !owned ? .keep : .erase
        case (.erase, .whenEmpty):
            .keep
        }
    }
}
