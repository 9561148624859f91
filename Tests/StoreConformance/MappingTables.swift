import Identifiers
import Mapping
import Store
import Testing

extension Bench {
    func table(_ config: Config, version: Int64? = nil) async throws(StoreError) -> MappingTable {
        try await store.mappingTable(config: config.id, version: version, tenant: config.tenant)
    }

    func add(
        _ draft: MappingDraft,
        to config: Config,
        version: Int64? = nil,
        at seconds: Int64 = 2
    ) async throws(StoreError) -> MappingEdit {
        try await store.addMapping(
            draft,
            config: config.id,
            version: version,
            actor: "ann",
            tenant: config.tenant,
            now: at(seconds)
        )
    }

    func replace(
        _ drafts: [MappingDraft],
        of config: Config,
        version: Int64? = nil
    ) async throws(StoreError) -> MappingTable {
        try await store.replaceMappings(
            drafts,
            config: config.id,
            version: version,
            actor: "ann",
            tenant: config.tenant,
            now: at(4)
        )
    }

    static func draft(
        _ target: String,
        stream: String = "people.csv",
        from source: String = "x",
        id: UUID? = nil,
        at position: Int? = nil
    ) -> MappingDraft {
        MappingDraft(
            id: id,
            stream: stream,
            entity: .users,
            row: MappingRow(sourceField: source, targetField: target),
            position: position
        )
    }
}

extension MappingTable {
    /// `external_id email`
    fileprivate var targets: String { lines.map(\.row.targetField).joined(separator: " ") }
}

extension StoreCase {
    static let mappingTables = [
        StoreCase("a table without mappings is version 0, and the first line makes version 1") { bench in
            let config = try await bench.config()
            #expect(try await bench.table(config) == MappingTable(version: 0, lines: []))
            let edit = try await bench.add(Bench.draft("email"), to: config, version: 0)
            #expect(edit.version == 1)
            #expect(edit.line.row == MappingRow(sourceField: "x", targetField: "email"))
            #expect(edit.line.position == 0)
            #expect(edit.line.config == config.id)
            #expect(edit.line.createdAt == bench.at(2))
            #expect(try await bench.table(config) == MappingTable(version: 1, lines: [edit.line]))
        },
        StoreCase("a table has its size, in lines and in bytes, and may become smaller") { bench in
            let config = try await bench.config()
            let most = (0..<MappingTable.mostLines).map { Bench.draft("attributes.a\($0)") }
            let full = try await bench.replace(most, of: config)
            #expect(full.lines.count == MappingTable.mostLines)
            _ = await bench.refusal(.invalid) { () throws(StoreError) in
                _ = try await bench.add(Bench.draft("email"), to: config)
            }
            let long = String(repeating: "x", count: 1 << 20)
            var drafts = (0..<3).map { Bench.draft("attributes.a\($0)", from: long) }
            _ = try await bench.replace(drafts, of: config)
            _ = await bench.refusal(.invalid) { () throws(StoreError) in
                _ = try await bench.add(Bench.draft("attributes.a3", from: long), to: config)
            }
            drafts.append(Bench.draft("attributes.a3", from: long))
            let tooLong = drafts
            _ = await bench.refusal(.invalid) { () throws(StoreError) in
                _ = try await bench.replace(tooLong, of: config)
            }
            #expect(try await bench.add(Bench.draft("email"), to: config).version == 3)
        },
        StoreCase("a line's id stays through every version that has the line") { bench in
            let config = try await bench.config()
            _ = try await bench.store.saveMappings(
                Bench.mapping,
                config: config.id,
                tenant: bench.tenant,
                now: bench.at(1)
            )
            let first = try await bench.table(config)
            let added = try await bench.add(Bench.draft("first_name"), to: config, version: 1)
            #expect(added.version == 2)
            let second = try await bench.table(config)
            #expect(second.lines.map(\.id) == first.lines.map(\.id) + [added.line.id])
            #expect(second.lines.map(\.position) == [0, 1, 2])
            #expect(second.lines[0] == first.lines[0])
            let changed = try await bench.store.changeMapping(
                added.line.id,
                to: Bench.draft("last_name"),
                config: config.id,
                version: 2,
                actor: "ann",
                tenant: bench.tenant,
                now: bench.at(3)
            )
            #expect(changed.line.id == added.line.id)
            #expect(changed.line.row.targetField == "last_name")
            #expect(changed.line.createdAt == bench.at(2))
            #expect(changed.line.updatedAt == bench.at(3))
            var sets = Bench.mapping
            sets[0].rows.append(MappingRow(sourceField: "x", targetField: "last_name"))
            sets[0].rows.swapAt(0, 1)
            #expect(
                try await bench.store.saveMappings(
                    sets,
                    config: config.id,
                    tenant: bench.tenant,
                    now: bench.at(4)
                ) == 4
            )
            let fourth = try await bench.table(config)
            #expect(fourth.lines.map(\.id) == [first.lines[1].id, first.lines[0].id, added.line.id])
            let version = try await bench.store.deleteMapping(
                added.line.id,
                config: config.id,
                version: 4,
                actor: "ann",
                tenant: bench.tenant,
                now: bench.at(5)
            )
            #expect(version == 5)
            #expect(try await bench.table(config).targets == "email external_id")
            // What runs use never changes.
            #expect(try await bench.table(config, version: 1) == first)
            #expect(try await bench.table(config, version: 2) == second)
            _ = await bench.refusal(.notFound) { () throws(StoreError) in
                _ = try await bench.store.deleteMapping(
                    added.line.id,
                    config: config.id,
                    version: nil,
                    actor: "ann",
                    tenant: bench.tenant,
                    now: bench.at(6)
                )
            }
        },
        StoreCase("a line goes where it is told to, among those of its stream") { bench in
            let config = try await bench.config()
            for target in ["external_id", "email"] { _ = try await bench.add(Bench.draft(target), to: config) }
            _ = try await bench.add(Bench.draft("username", stream: "b.csv"), to: config)
            _ = try await bench.add(Bench.draft("first_name", at: 0), to: config)
            _ = try await bench.add(Bench.draft("last_name"), to: config)
            let last = try await bench.add(Bench.draft("phone", at: 99), to: config)
            #expect(try await bench.table(config).targets == "first_name external_id email last_name phone username")
            #expect(last.line.position == 4)
            let moved = try await bench.store.changeMapping(
                last.line.id,
                to: Bench.draft("phone", at: 1),
                config: config.id,
                version: nil,
                actor: "ann",
                tenant: bench.tenant,
                now: bench.at(9)
            )
            #expect(moved.line.position == 1)
            #expect(moved.line.updatedAt == last.line.updatedAt)
            let sets = try await bench.store.mappings(config: config.id, version: nil, tenant: bench.tenant)
            #expect(sets.map(\.stream) == ["people.csv", "b.csv"])
            #expect(sets[0].rows.map(\.targetField) == ["first_name", "phone", "external_id", "email", "last_name"])
        },
        StoreCase("a whole table goes on with the lines it names and those that say the same") { bench in
            let config = try await bench.config()
            let first = try await bench.replace([Bench.draft("external_id"), Bench.draft("email")], of: config)
            #expect(first.version == 1)
            let ids = first.lines.map(\.id)
            let second = try await bench.replace(
                [Bench.draft("username", id: ids[1]), Bench.draft("external_id"), Bench.draft("external_id")],
                of: config,
                version: 1
            )
            #expect(second.lines[0].id == ids[1])
            #expect(second.lines[1].id == ids[0])
            #expect(!ids.contains(second.lines[2].id))
            #expect(second.targets == "username external_id external_id")
            let drafts = second.lines.map { Bench.draft($0.row.targetField, id: $0.id) }
            #expect(try await bench.replace(drafts, of: config).version == 2)
            for drafts in [
                [Bench.draft("email", id: bench.tenant)], [drafts[0], drafts[0]],
                [Bench.draft("email", id: try await bench.add(Bench.draft("email"), to: bench.config("o")).line.id)],
            ] {
                _ = await bench.refusal(.invalid) { () throws(StoreError) in
                    _ = try await bench.replace(drafts, of: config)
                }
            }
            #expect(try await bench.replace([], of: config).lines.isEmpty)
            #expect(try await bench.table(config).version == 3)
        },
        StoreCase("a change of the mappings needs the newest version, if it names one") { bench in
            let config = try await bench.config()
            let line = try await bench.add(Bench.draft("email"), to: config).line
            _ = try await bench.add(Bench.draft("username"), to: config)
            for version in [0, 1, 3] as [Int64] {
                _ = await bench.refusal(.stale) { () throws(StoreError) in
                    _ = try await bench.add(Bench.draft("phone"), to: config, version: version)
                }
                _ = await bench.refusal(.stale) { () throws(StoreError) in
                    _ = try await bench.replace([], of: config, version: version)
                }
                _ = await bench.refusal(.stale) { () throws(StoreError) in
                    _ = try await bench.store.changeMapping(
                        line.id,
                        to: Bench.draft("phone"),
                        config: config.id,
                        version: version,
                        actor: "ann",
                        tenant: bench.tenant,
                        now: bench.at(5)
                    )
                }
                _ = await bench.refusal(.stale) { () throws(StoreError) in
                    _ = try await bench.store.deleteMapping(
                        line.id,
                        config: config.id,
                        version: version,
                        actor: "ann",
                        tenant: bench.tenant,
                        now: bench.at(5)
                    )
                }
            }
            #expect(try await bench.table(config).targets == "email username")
        },
        StoreCase("every version is told, with who made it and how long it is, newest first") { bench in
            let config = try await bench.config()
            #expect(
                try await bench.store.mappingVersions(config: config.id, page: PageRequest(), tenant: bench.tenant)
                    .items.isEmpty
            )
            _ = try await bench.store.saveMappings(
                Bench.mapping,
                config: config.id,
                actor: "bob",
                tenant: bench.tenant,
                now: bench.at(1)
            )
            for second in 2...4 as ClosedRange<Int64> {
                _ = try await bench.add(Bench.draft("x\(second)"), to: config, at: second)
            }
            let walked = try await bench.walk(limit: 3) {
                try await bench.store.mappingVersions(config: config.id, page: $0, tenant: bench.tenant)
            }
            #expect(walked.sizes == [3, 1])
            #expect(walked.items.map(\.version) == [4, 3, 2, 1])
            #expect(walked.items.map(\.lines) == [5, 4, 3, 2])
            #expect(walked.items.map(\.createdBy) == ["ann", "ann", "ann", "bob"])
            #expect(walked.items.last?.createdAt == bench.at(1))
        },
    ]
}
