import Identifiers
import JSON
import Mapping
import Store
import Testing

extension Bench {
    func changes(_ run: Run, limit: Int = 2) async throws -> [RecordedChange] {
        try await walk(limit: limit) { try await store.changes(run: run.id, page: $0, tenant: tenant) }.items
    }
}

extension RecordedChange {
    /// `updated 1 email: a@x.org → b@x.org`
    fileprivate var line: String {
        let fields = fields.filter { $0.name != "status" }.map { field in
            " \(field.name): \(field.before.stringValue ?? "-") → \(field.after.stringValue ?? "-")"
        }
        return "\(effect.rawValue) \(externalID ?? "?")" + fields.sorted().joined()
    }
}

extension StoreCase {
    static let changeLists = [
        StoreCase("a batch of new rows unfolds into one entry each, page by page") { bench in
            let lease = try await bench.running()
            let people = (1...7).map { Person("p\($0)", email: "p\($0)@x.org") }
            try await bench.commit(Array(people[..<5]), lease)
            try await bench.commit(Array(people[5...]), lease)
            let run = try await bench.finish(lease)
            let expected = (1...7).map { "created p\($0) email: - → p\($0)@x.org external_id: - → p\($0)" }
            for limit in [1, 2, 3, 5, 7, 8] {
                let changes = try await bench.changes(run, limit: limit)
                #expect(changes.map(\.line) == expected, "pages of \(limit)")
            }
            let all = try await bench.changes(run, limit: 500)
            #expect(Set(all.map(\.row)).count == 7)
            #expect(all.allSatisfy { $0.row != nil && $0.entity == .users && $0.at == bench.at(1) })
            let page = try await bench.store.changes(
                run: run.id,
                page: PageRequest(limit: 7),
                tenant: bench.tenant
            )
            #expect(page.next == nil)
        },
        StoreCase("a new row is shown as it was made, whatever became of it later") { bench in
            let first = try await bench.running()
            try await bench.commit([Person("1", email: "a@x.org"), Person("2", firstName: "Ida")], first)
            let made = try await bench.finish(first)
            let second = try await bench.nextRun(first.config, at: 4)
            try await bench.commit(
                [Person("1", email: "b@x.org", firstName: "Ada"), Person("2", firstName: "Eda")],
                second,
                at: 4
            )
            let changed = try await bench.finish(second, at: 5)
            let third = try await bench.nextRun(first.config, at: 6)
            try await bench.commit([Person("1", email: "c@x.org", firstName: "Ada")], third, at: 6)
            try await bench.finish(third, at: 7)
            let createdLines = try await bench.changes(made).map(\.line)
            #expect(
                createdLines == [
                    "created 1 email: - → a@x.org external_id: - → 1",
                    "created 2 external_id: - → 2 first_name: - → Ida",
                ]
            )
            let lines = try await bench.changes(changed).map(\.line)
            #expect(
                lines == [
                    "updated 1 email: a@x.org → b@x.org first_name: - → Ada", "updated 2 first_name: Ida → Eda",
                ]
            )
            #expect(try await bench.changes(changed).first?.at == bench.at(4))
        },
        StoreCase("a row that another config made is shown as linked, under the new link's key") { bench in
            let first = try await bench.running("a")
            try await bench.commit([Person("1", email: "a@x.org")], first)
            try await bench.finish(first)
            let second = try await bench.running("b")
            try await bench.commit([Person("x1", email: "a@x.org", firstName: "Ada")], second)
            let run = try await bench.finish(second, at: 5)
            #expect(try await bench.changes(run).map(\.line) == ["linked x1 first_name: - → Ada"])
        },
        StoreCase("a run that changed nothing has no changes") { bench in
            let first = try await bench.running()
            try await bench.commit([Person("1")], first)
            try await bench.finish(first)
            let second = try await bench.nextRun(first.config, at: 4)
            try await bench.commit([Person("1")], second, at: 4)
            #expect(try await bench.changes(try await bench.finish(second, at: 5)).isEmpty)
        },
    ]
}
