/// One value as SQLite stores it, for statements where a copy does not matter.
package enum SQLiteValue: Sendable, Hashable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])

    package init(_ text: String?) {
        if let text { self = .text(text) } else { self = .null }
    }

    package init(_ integer: Int64?) {
        if let integer { self = .integer(integer) } else { self = .null }
    }

    package init(_ blob: [UInt8]?) {
        if let blob { self = .blob(blob) } else { self = .null }
    }

    package init(_ bool: Bool) {
        self = .integer(bool ? 1 : 0)
    }
}

extension SQLiteValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByNilLiteral {
    package init(stringLiteral value: String) { self = .text(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(nilLiteral: ()) { self = .null }
}
