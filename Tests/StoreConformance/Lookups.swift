import Identifiers
import Mapping
import Store
import Testing

extension Bench {
    func lookup(
        _ name: String,
        _ entries: KeyValuePairs<String, String>,
        version: Int64? = nil,
        at seconds: Int64,
        tenant: UUID? = nil
    ) async throws(StoreError) -> Lookup {
        try await store.saveLookup(
            name,
            entries: entries.map { LookupEntry(key: $0.key, value: $0.value) },
            version: version,
            actor: "ann",
            tenant: tenant ?? self.tenant,
            now: at(seconds)
        )
    }

    func deleteLookup(_ name: String, version: Int64? = nil, at seconds: Int64) async throws(StoreError) {
        try await store.deleteLookup(name, version: version, actor: "ann", tenant: tenant, now: at(seconds))
    }
}

extension StoreCase {
    static let lookups = [
        StoreCase("a lookup table comes back as it was saved, in its order, and is replaced as a whole") { bench in
            let first = try await bench.lookup("departments", ["HR": "People", "": "None", "FIN": ""], at: 1)
            #expect(first.count == 3 && first.createdAt == bench.at(1) && first.updatedBy == "ann")
            _ = try await bench.lookup("departments", ["X": "other"], at: 2, tenant: bench.stranger)
            let found = try #require(try await bench.store.lookup("departments", tenant: bench.tenant))
            #expect(found.lookup == first)
            #expect(found.entries.map(\.key) == ["HR", "", "FIN"])
            #expect(found.entries.map(\.value) == ["People", "None", ""])
            let second = try await bench.lookup("departments", ["A": "a"], at: 3)
            #expect(
                second.version > first.version && second.createdAt == bench.at(1) && second.updatedAt == bench.at(3)
            )
            _ = try await bench.lookup("a", [:], at: 4)
            #expect(try await bench.store.lookups(tenant: bench.tenant).map(\.name) == ["a", "departments"])
            let tables = try await bench.store.lookupEntries(["departments", "a", "none"], tenant: bench.tenant)
            #expect(tables == ["departments": [LookupEntry(key: "A", value: "a")], "a": []])
        },
        StoreCase("a lookup table's version rises, even within one instant and after it was made anew") { bench in
            let first = try await bench.lookup("t", ["A": "a"], version: 0, at: 1)
            let second = try await bench.lookup("t", ["A": "b"], version: first.version, at: 1)
            #expect(second.version > first.version)
            _ = await bench.refusal(.stale) { () throws(StoreError) in
                _ = try await bench.lookup("t", ["A": "c"], version: first.version, at: 2)
            }
            _ = await bench.refusal(.stale) { () throws(StoreError) in
                _ = try await bench.lookup("t", ["A": "c"], version: 0, at: 2)
            }
            _ = await bench.refusal(.stale) { () throws(StoreError) in
                try await bench.deleteLookup("t", version: first.version, at: 2)
            }
            try await bench.deleteLookup("t", version: second.version, at: 2)
            _ = await bench.refusal(.notFound) { () throws(StoreError) in try await bench.deleteLookup("t", at: 3) }
            #expect(try await bench.store.lookup("t", tenant: bench.tenant) == nil)
            #expect(try await bench.lookup("t", ["A": "d"], at: 3).version > second.version)
            #expect(try await bench.store.lookup("t", tenant: bench.tenant)?.entries.map(\.value) == ["d"])
            let trail = try await bench.store.auditTrail(AuditFilter(), page: PageRequest(), tenant: bench.tenant)
            #expect(
                trail.items.map(\.deed.action) == [
                    "lookup.created", "lookup.deleted", "lookup.replaced", "lookup.created",
                ]
            )
        },
        StoreCase("a lookup table that the newest mappings use is not deleted, and there are not too many") { bench in
            let config = try await bench.config()
            _ = try await bench.lookup("t", ["A": "a"], at: 1)
            _ = try await bench.lookup("other", ["A": "a"], at: 1)
            func save(_ transform: String) async throws {
                var set = Bench.mapping[0]
                set.rows[1].transform = transform
                _ = try await bench.store.saveMappings([set], config: config.id, tenant: bench.tenant, now: bench.at(2))
            }
            try await save("trim | lookup('t') | default(\"lookup('other')\")")
            let refusal = await bench.refusal(.conflict) { () throws(StoreError) in
                try await bench.deleteLookup("t", at: 3)
            }
            #expect(refusal?.message.contains("\"people\"") == true)
            try await bench.deleteLookup("other", at: 3)
            try await save("trim")
            try await bench.deleteLookup("t", at: 4)
            for number in 0..<Lookup.mostTables { _ = try await bench.lookup("t\(number)", [:], at: 5) }
            _ = await bench.refusal(.invalid) { () throws(StoreError) in _ = try await bench.lookup("more", [:], at: 6)
            }
            _ = try await bench.lookup("t1", ["A": "a"], at: 6)
        },
    ]
}
