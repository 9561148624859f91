package import Time

/// What transforms use besides their values: given to the compiler, so that mapping itself reads nothing.
package struct MappingEnvironment: Sendable {
    /// By name: those that the mapping names, if the tenant has them.
    package var tables: [String: LookupTable]
    /// Of all the tenant's tables, for the nearest to a wrong one.
    package var tableNames: [String]
    /// By name: those that the mapping names, if the system has them.
    package var zones: [String: ZoneRules]
    /// Of all zones that the system has, for the nearest to a wrong one.
    package var zoneNames: [String]

    package init(
        tables: [String: LookupTable] = [:],
        tableNames: [String] = [],
        zones: [String: ZoneRules] = [:],
        zoneNames: [String] = []
    ) {
        self.tables = tables
        self.tableNames = tableNames
        self.zones = zones
        self.zoneNames = zoneNames
    }
}

/// A tenant's named table for `lookup`: keys and what they become.
package struct LookupTable: Sendable {
    let values: ValueTable

    /// A later pair for the same key is left out.
    package init(_ pairs: [(key: String, value: String)]) {
        values = ValueTable(pairs.map { ($0.key, $0.value) })
    }
}

/// What a mapping's environment should have: the names that its transforms use.
package struct MappingNeeds: Sendable, Equatable {
    package var tables: Set<String> = []
    package var zones: Set<String> = []

    package init() {}

    package mutating func formUnion(_ other: MappingNeeds) {
        tables.formUnion(other.tables)
        zones.formUnion(other.zones)
    }
}

extension MappingSet {
    /// Transforms that can't be read need nothing; the compiler says what is wrong with them.
    package var needs: MappingNeeds {
        var needs = MappingNeeds()
        for row in rows {
            guard let transform = row.transform, transform.contains("(") else { continue }
            do throws(SyntaxProblem) {
                needs.note(try PipeParser.parse(transform, source: row.sourceField))
            } catch {
                continue
            }
        }
        return needs
    }
}

extension MappingNeeds {
    fileprivate mutating func note(_ syntax: Syntax) {
        guard case .call(let call) = syntax.kind else { return }
        note(call.receiver)
        for argument in call.arguments { note(argument) }
        guard let function = MappingFunction.named(call.function) else { return }
        for (argument, place) in zip(call.arguments, function.places(of: call.arguments)) {
            guard case .text(let name) = argument.literal else { continue }
            switch function.parameter(place)?.kind {
            case .table: tables.insert(name)
            case .zone: zones.insert(name)
            default: break
            }
        }
    }
}
