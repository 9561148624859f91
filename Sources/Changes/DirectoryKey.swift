package import Crypto
package import Identifiers
package import Mapping

/// By what the directory finds a row. The raw values are part of the keys.
package enum DirectoryKind: UInt8, Sendable, CaseIterable {
    /// E-mail addresses that differ by case or spelling alone are one.
    case email = 1
    /// Byte by byte.
    case username = 2
    /// Only of rows that nobody owns: others are found by the links.
    case externalID = 3
    /// Courses, byte by byte.
    case code = 4
    /// Enrolments, by the numbers of their person and course.
    case pair = 5
}

/// The directory's keys: a keyed hash of tenant, entity, kind and value. Never 0, which stands for "no value".
package struct DirectoryKeys: Sendable {
    private let prefix: SipHash
    private let kind: DirectoryKind

    package init(key: SipHash, tenant: UUID, entity: Entity, kind: DirectoryKind) {
        var prefix = key
        prefix.absorb(tenant.high)
        prefix.absorb(tenant.low)
        prefix.absorb(UInt64(entity.number) << 8 | UInt64(kind.rawValue))
        self.prefix = prefix
        self.kind = kind
    }

    /// The key of a value as a row has it. `form` is room for the value's form under which it is found.
    package func key(_ value: Span<UInt8>, form: inout [UInt8]) -> UInt64 {
        guard kind == .email else { return max(1, prefix.finish(value)) }
        form.removeAll(keepingCapacity: true)
        EmailAddress.appendDirectoryForm(of: value, to: &form)
        return max(1, prefix.finish(form.span))
    }

    package func key(_ value: [UInt8]) -> UInt64 {
        var form: [UInt8] = []
        return key(value.span, form: &form)
    }

    /// Where a value's next row stands: several rows may share a username, and two values a key.
    package static func probe(_ key: UInt64, _ ordinal: Int) -> UInt64 {
        guard ordinal > 0 else { return key }
        // Steele, Lea and Flood's splitmix64: spreads whatever is close together.
        var mixed = key &+ UInt64(ordinal) &* 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return max(1, mixed ^ mixed >> 31)
    }

    /// The key of each accepted row's value, per row; 0 where there is none.
    func keys(of column: MappedColumn, rows: [Int32], count: Int) -> [UInt64] {
        var keys = [UInt64](repeating: 0, count: count)
        let bytes = column.bytes.span
        var form: [UInt8] = []
        for row in rows {
            let index = Int(row)
            let range = Int(column.offsets[index])..<Int(column.offsets[index + 1])
            guard column.states[index] == ValueState.value.rawValue, !range.isEmpty else { continue }
            keys[index] = key(bytes.extracting(range), form: &form)
        }
        return keys
    }
}

extension Entity {
    /// The small number that stands for the entity inside keys and tables.
    package var number: Int64 {
        switch self {
        case .users: 1
        case .courses: 2
        case .enrollments: 3
        }
    }
}
