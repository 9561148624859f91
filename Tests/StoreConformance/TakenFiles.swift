import JSON
import Store
import Testing

extension Bench {
    static func folderFile(_ path: String, sameAs: Int64? = nil) -> TakenFileDraft {
        TakenFileDraft(
            path: path,
            size: 3 << 32,
            modified: 1_780_000_000_123_456_789,
            inode: .max,
            changed: 1_780_000_000_987_654_321,
            sha256: Array(repeating: 0xCD, count: 32),
            declared: ["rows": 7],
            after: "archive",
            sameAs: sameAs
        )
    }

    func take(
        _ path: String,
        _ lease: RunLease,
        sameAs: Int64? = nil,
        at seconds: Int64 = 2
    ) async throws(StoreError) -> TakenFile {
        try await store.takeFile(Bench.folderFile(path, sameAs: sameAs), lease: lease, now: at(seconds))
    }
}

extension StoreCase {
    static let takenFiles = [
        StoreCase("a file counts as taken when its run has ended well, and until it is settled") { bench in
            let lease = try await bench.running()
            let taken = try await bench.take("hr/people.csv", lease)
            #expect(taken.draft == Bench.folderFile("hr/people.csv"))
            #expect(try await bench.store.takenFiles(run: lease.run.id, tenant: bench.tenant) == [taken])
            let known = { @Sendable () async throws(StoreError) in
                try await bench.store.knownFiles(config: lease.config.id, since: nil, tenant: bench.tenant).map(
                    \.number
                )
            }
            #expect(try await known() == [])
            #expect(try await bench.store.unsettledFiles(config: nil, limit: 9) == [])
            _ = try await bench.finish(lease)
            #expect(try await known() == [taken.number])
            #expect(try await bench.store.unsettledFiles(config: nil, limit: 9).map(\.number) == [taken.number])
            #expect(
                try await bench.store.unsettledFiles(config: bench.request(lease.config).config, limit: 9).count == 1
            )
            try await bench.store.noteArchived(taken.number, as: "archive/people.csv", tenant: bench.tenant)
            #expect(
                try await bench.store.unsettledFiles(config: nil, limit: 9).map(\.archivedAs) == ["archive/people.csv"]
            )
            try await bench.store.settleFiles([taken.number], tenant: bench.tenant, now: bench.at(3))
            try await bench.store.settleFiles([taken.number], tenant: bench.tenant, now: bench.at(4))
            #expect(try await bench.store.unsettledFiles(config: nil, limit: 9) == [])
            let settled = try await bench.store.takenFiles(run: lease.run.id, tenant: bench.tenant)
            #expect(settled.map(\.settledAt) == [bench.at(3)])
            #expect(settled.map(\.runState) == [.done])
            #expect(try await known() == [taken.number])
        },
        StoreCase("a file of a run that failed is not taken; one that was passed over is known at once") { bench in
            let lease = try await bench.running()
            let passed = try await bench.take("copy.csv", lease, sameAs: 77)
            _ = try await bench.take("people.csv", lease)
            // Another choice of the same run takes the place of the first.
            let taken = try await bench.take("other.csv", lease)
            let own = try await bench.store.takenFiles(run: lease.run.id, tenant: bench.tenant)
            #expect(own.map(\.number) == [passed.number, taken.number])
            let failure = RunFailure(errorClass: "data", code: "x", message: "x")
            _ = try await bench.store.failRun(lease, failure: failure, retryAt: nil, now: bench.at(3))
            let known = try await bench.store.knownFiles(config: lease.config.id, since: nil, tenant: bench.tenant)
            #expect(known.map(\.draft.path) == ["copy.csv"])
            #expect(try await bench.store.unsettledFiles(config: nil, limit: 9).map(\.draft.path) == ["copy.csv"])
            _ = await bench.refusal(.fenced) { () throws(StoreError) in _ = try await bench.take("late.csv", lease) }
        },
        StoreCase("a file that is gone before it was read to its end is not taken, though its run ends well") { bench in
            let lease = try await bench.running()
            let passed = try await bench.take("copy.csv", lease, sameAs: 77)
            _ = try await bench.take("people.csv", lease)
            try await bench.store.forgetFile(lease)
            let own = try await bench.store.takenFiles(run: lease.run.id, tenant: bench.tenant)
            #expect(own.map(\.number) == [passed.number])
            _ = try await bench.finish(lease)
            let known = try await bench.store.knownFiles(config: lease.config.id, since: nil, tenant: bench.tenant)
            #expect(known.map(\.draft.path) == ["copy.csv"])
            _ = await bench.refusal(.fenced) { () throws(StoreError) in try await bench.store.forgetFile(lease) }
        },
        StoreCase("files since a run leave those of earlier runs out") { bench in
            let first = try await bench.running()
            _ = try await bench.take("a.csv", first)
            _ = try await bench.finish(first)
            _ = try await bench.store.enqueueSync(bench.request(first.config), tenant: bench.tenant, now: bench.at(5))
            let job = try #require(try await bench.claim(at: 6))
            let second = try await bench.store.beginRun(job, now: bench.at(6))
            _ = try await bench.take("b.csv", second, at: 6)
            _ = try await bench.finish(second)
            let since = { @Sendable (run: Run?) async throws(StoreError) in
                try await bench.store.knownFiles(config: first.config.id, since: run?.id, tenant: bench.tenant)
                    .map(\.draft.path)
            }
            #expect(try await since(nil) == ["a.csv", "b.csv"])
            #expect(try await since(first.run) == ["a.csv", "b.csv"])
            #expect(try await since(second.run) == ["b.csv"])
            let walked = try await bench.walk(limit: 1) {
                try await bench.store.takenFiles(config: first.config.id, page: $0, tenant: bench.tenant)
            }
            #expect(walked.items.map(\.draft.path) == ["b.csv", "a.csv"])
        },
        StoreCase("a tenant's uploads stay within their quota, whoever is faster") { bench in
            let config = try await bench.config()
            let file = try await bench.file("people.csv", config)
            #expect(try await bench.store.keptBytes(tenant: bench.tenant) == 3 << 32)
            #expect(try await bench.store.keptBytes(tenant: bench.stranger) == 0)
            #expect(try await bench.store.largestFiles(limit: 5, tenant: bench.tenant).map(\.id) == [file.id])
            let add = { @Sendable (quota: Int64) async throws(StoreError) in
                _ = try await bench.store.addFile(
                    file.draft,
                    quota: quota,
                    actor: "ann",
                    tenant: bench.tenant,
                    now: bench.at(2)
                )
            }
            _ = await bench.refusal(.overQuota) { () throws(StoreError) in try await add(6 << 32 - 1) }
            try await add(6 << 32)
            _ = await bench.refusal(.overQuota) { () throws(StoreError) in try await add(6 << 32) }
            _ = try await bench.store.archiveFile(file.id, actor: "ann", tenant: bench.tenant, now: bench.at(3))
            try await add(6 << 32)
        },
    ]
}
