internal import JSON

extension Entity {
    /// The field with this name: one of the entity's own, or `attributes.NAME`; nil if there is none.
    ///
    /// NAME begins with a to z; up to 62 of a to z, 0 to 9 and `_` follow.
    package func target(named name: String) -> TargetField? {
        if let own = fields.first(where: { $0.name == name }) { return own }
        guard let attribute = Self.attribute(in: name), Self.isAttributeName(attribute) else { return nil }
        return TargetField(name)
    }

    /// What helps someone who named a field that doesn't exist.
    func suggestion(for name: String) -> String {
        if Self.attribute(in: name) != nil {
            return
                "After attributes. stands a name of a to z, 0 to 9 and _, at most 63 long, as in attributes.cost_centre."
        }
        if let near = nearest(to: name, in: fields.map(\.name)) { return "Did you mean \(near)?" }
        return "Fields of \(rawValue) are \(fields.map(\.name).joined(separator: ", ")) and attributes.NAME."
    }

    private static func attribute(in name: String) -> Substring? {
        let prefix = "attributes."
        return name.hasPrefix(prefix) ? name.dropFirst(prefix.count) : nil
    }

    private static func isAttributeName(_ name: Substring) -> Bool {
        guard 1...63 ~= name.utf8.count, let first = name.utf8.first, isSmallLetter(first) else { return false }
        return name.utf8.allSatisfy {
            isSmallLetter($0) || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || $0 == UInt8(ascii: "_")
        }
    }

    private static func isSmallLetter(_ byte: UInt8) -> Bool {
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte
    }
}
