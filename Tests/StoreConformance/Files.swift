import Identifiers
import JSON
import Store
import Testing

extension Bench {
    func file(_ name: String, _ config: Config, at seconds: Int64 = 1) async throws(StoreError) -> StoredFile {
        try await store.addFile(
            FileDraft(
                config: config.id,
                name: name,
                size: 3 << 32,
                sha256: Array(repeating: 0xAB, count: 32),
                format: "csv",
                findings: ["delimiter": ";"],
                contentKey: "ab/\(name)"
            ),
            actor: "ann",
            tenant: config.tenant,
            now: at(seconds)
        )
    }
}

extension StoreCase {
    static let files = [
        StoreCase("a file comes back as it was added, until it is archived") { bench in
            let config = try await bench.config()
            let added = try await bench.file("people.csv", config)
            let found = try #require(try await bench.store.file(added.id, tenant: bench.tenant))
            for file in [added, found] {
                #expect(file.id == added.id)
                #expect(file.draft.config == config.id)
                #expect(file.draft.name == "people.csv")
                #expect(file.draft.size == 3 << 32)
                #expect(file.draft.sha256 == Array(repeating: 0xAB, count: 32))
                #expect(file.draft.format == "csv")
                #expect(file.draft.findings == ["delimiter": ";"])
                #expect(file.draft.contentKey == "ab/people.csv")
                #expect(file.createdAt == bench.at(1))
                #expect(file.createdBy == "ann")
            }
            let archive = { @Sendable () async throws(StoreError) in
                try await bench.store.archiveFile(added.id, actor: "ann", tenant: bench.tenant, now: bench.at(2))
            }
            let keys = { @Sendable (tenant: UUID) async throws(StoreError) in
                try await bench.store.contentKeys(tenant: tenant)
            }
            #expect(try await keys(bench.tenant) == ContentKeys(kept: ["ab/people.csv"]))
            #expect(try await keys(UUID(high: 1, low: 2)) == ContentKeys())
            #expect(try await archive().draft.contentKey == "ab/people.csv")
            #expect(try await keys(bench.tenant) == ContentKeys(archived: ["ab/people.csv"]))
            #expect(try await bench.store.file(added.id, tenant: bench.tenant) == nil)
            _ = await bench.refusal(.notFound) { () throws(StoreError) in _ = try await archive() }
        },
        StoreCase("the files of a config are listed newest first, without those of others and the archived") { bench in
            let config = try await bench.config("a")
            let other = try await bench.config("b")
            for second in 1...4 as ClosedRange<Int64> { _ = try await bench.file("\(second)", config, at: second) }
            _ = try await bench.file("other", other, at: 9)
            let gone = try await bench.file("gone", config, at: 8)
            _ = try await bench.store.archiveFile(gone.id, actor: "ann", tenant: bench.tenant, now: bench.at(9))
            let walked = try await bench.walk(limit: 3) {
                try await bench.store.files(config: config.id, page: $0, tenant: bench.tenant)
            }
            #expect(walked.sizes == [3, 1])
            #expect(walked.items.map(\.draft.name) == ["4", "3", "2", "1"])
        },
    ]
}
