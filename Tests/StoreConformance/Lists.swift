import Identifiers
import JSON
import Store
import Testing
import Time

extension StoreCase {
    static let lists = [
        StoreCase("pages of runs are complete and repeat nothing, whatever is added between them") { bench in
            let config = try await bench.queued().config
            let job = try #require(try await bench.claim(at: 1))
            var made = [try await bench.finish(bench.store.beginRun(job, now: bench.at(1))).id]
            // Two are of one instant.
            for second in [3, 4, 4, 5, 6] as [Int64] {
                made.append(try await bench.run(config, rejecting: [], at: second).id)
            }
            var seen: [UUID] = []
            var request = PageRequest(limit: 2)
            repeat {
                let page = try await bench.store.runs(RunFilter(), page: request, tenant: bench.tenant)
                #expect(page.items.count <= 2)
                seen += page.items.map(\.id)
                request.after = page.next
                _ = try await bench.run(config, rejecting: [], at: 10 + Int64(seen.count))
            } while request.after != nil
            #expect(seen == made.reversed())
        },
        StoreCase("a page that ends with the list says that it is the last") { bench in
            let config = try await bench.config()
            for second in 1...4 as ClosedRange<Int64> { try await bench.log("line \(second)", config, at: second) }
            for (limit, sizes) in [(2, [2, 2]), (3, [3, 1]), (4, [4]), (5, [4])] {
                let walked = try await bench.walk(limit: limit) {
                    try await bench.store.logs(config: config.id, LogFilter(), page: $0, tenant: bench.tenant)
                }
                #expect(walked.sizes == sizes)
                #expect(walked.items.map(\.entry.message) == ["line 4", "line 3", "line 2", "line 1"])
            }
            #expect(PageRequest(limit: 0).limit == 1)
            #expect(PageRequest(limit: 501).limit == 500)
        },
        StoreCase("runs are filtered by config, states, kind and time") { bench in
            let (one, first) = try await bench.queued("one")
            let job = try #require(try await bench.claim(at: 1))
            try await bench.finish(bench.store.beginRun(job, now: bench.at(1)))
            let rejected = try await bench.run(one, rejecting: [2], at: 5)
            let (two, queued) = try await bench.queued("two")
            let runs = { @Sendable (filter: RunFilter) async throws -> [UUID] in
                let page = try await bench.store.runs(filter, page: PageRequest(limit: 9), tenant: bench.tenant)
                #expect(page.next == nil)
                return page.items.map(\.id)
            }
            #expect(try await runs(RunFilter(config: one.id)) == [rejected.id, first.id])
            #expect(try await runs(RunFilter(config: two.id)) == [queued.id])
            #expect(try await runs(RunFilter(states: [.doneWithRejects])) == [rejected.id])
            #expect(try await runs(RunFilter(states: [.doneWithRejects, .queued])) == [rejected.id, queued.id])
            #expect(try await runs(RunFilter(config: one.id, states: [.queued, .done])) == [first.id])
            #expect(try await runs(RunFilter(states: [.failed])) == [])
            #expect(try await runs(RunFilter(kind: "sync")).count == 3)
            #expect(try await runs(RunFilter(kind: "push")) == [])
            #expect(try await runs(RunFilter(since: bench.at(5))) == [rejected.id])
            #expect(try await runs(RunFilter(until: bench.at(5))) == [queued.id, first.id])
            #expect(try await runs(RunFilter(since: bench.at(1), until: bench.at(5))) == [])
        },
        StoreCase("pages of several states merge into one order") { bench in
            let config = try await bench.queued().config
            let job = try #require(try await bench.claim(at: 1))
            var made = [try await bench.finish(bench.store.beginRun(job, now: bench.at(1))).id]
            for second in 2...8 as ClosedRange<Int64> {
                let lines: [Int64] = second.isMultiple(of: 2) ? [2] : []
                made.append(try await bench.run(config, rejecting: lines, at: second).id)
            }
            let walked = try await bench.walk(limit: 3) {
                try await bench.store.runs(
                    RunFilter(states: [.done, .doneWithRejects]),
                    page: $0,
                    tenant: bench.tenant
                )
            }
            #expect(walked.items.map(\.id) == made.reversed())
        },
        StoreCase("log lines are filtered by status, level, run, time and text") { bench in
            let lease = try await bench.running()
            let config = lease.config
            try await bench.log("Über den Wolken", config, at: 3)
            try await bench.log("It broke", config, status: "error", at: 4)
            try await bench.finish(lease, at: 5)
            let logs = { @Sendable (filter: LogFilter) async throws -> [String] in
                try await bench.store.logs(config: config.id, filter, page: PageRequest(), tenant: bench.tenant).items
                    .map(\.entry.event)
            }
            let messages = { @Sendable (filter: LogFilter) async throws -> [String] in
                try await bench.store.logs(config: config.id, filter, page: PageRequest(), tenant: bench.tenant).items
                    .map(\.entry.message)
            }
            #expect(try await logs(LogFilter()) == ["outcome", "note", "note"])
            #expect(try await messages(LogFilter(status: "error")) == ["It broke"])
            #expect(try await messages(LogFilter(level: "error")) == ["It broke"])
            #expect(try await logs(LogFilter(run: lease.run.id)) == ["outcome"])
            #expect(try await messages(LogFilter(contains: "ÜBER")) == ["Über den Wolken"])
            #expect(try await messages(LogFilter(contains: "%")) == [])
            #expect(try await messages(LogFilter(since: bench.at(4), until: bench.at(5))) == ["It broke"])
            let broken = try #require(
                try await bench.store.logs(
                    config: config.id,
                    LogFilter(status: "error"),
                    page: PageRequest(),
                    tenant: bench.tenant
                ).items.first
            )
            #expect(broken.createdAt == bench.at(4))
            #expect(broken.entry.payload == ["n": 4])
            #expect(broken.entry.run == nil)
            #expect(broken.entry.config == config.id)
        },
        StoreCase("every change is in the audit trail, with who made it, newest first") { bench in
            let config = try await bench.store.createConfig(
                ConfigDraft(name: "people", provider: "file", type: "pull", settings: [:], policy: [:]),
                actor: "ann",
                tenant: bench.tenant,
                now: bench.at(1)
            )
            _ = try await bench.store.changeConfig(
                config.id,
                ConfigChange(name: "staff"),
                version: nil,
                actor: "bob",
                tenant: bench.tenant,
                now: bench.at(2)
            )
            _ = try await bench.store.setProvider(
                "rest",
                isEnabled: false,
                actor: "ann",
                tenant: bench.tenant,
                now: bench.at(3)
            )
            let deed = AuditDeed(
                actor: "bob",
                action: "config.tested",
                subject: "config",
                subjectID: config.id,
                detail: ["ok": true]
            )
            try await bench.store.audit(deed, tenant: bench.tenant, now: bench.at(4))
            let trail = { @Sendable (filter: AuditFilter) async throws -> [String] in
                try await bench.store.auditTrail(filter, page: PageRequest(), tenant: bench.tenant).items
                    .map { "\($0.deed.actor) \($0.deed.action)" }
            }
            let all = ["bob config.tested", "ann provider.disabled", "bob config.changed", "ann config.created"]
            #expect(try await trail(AuditFilter()) == all)
            #expect(try await trail(AuditFilter(actor: "ann")) == [all[1], all[3]])
            #expect(try await trail(AuditFilter(action: "config.changed")) == [all[2]])
            #expect(try await trail(AuditFilter(subject: "config")) == [all[0], all[2], all[3]])
            #expect(try await trail(AuditFilter(subjectID: config.id)) == [all[0], all[2], all[3]])
            #expect(try await trail(AuditFilter(since: bench.at(2), until: bench.at(4))) == [all[1], all[2]])
            let walked = try await bench.walk(limit: 3) {
                try await bench.store.auditTrail(AuditFilter(), page: $0, tenant: bench.tenant)
            }
            #expect(walked.sizes == [3, 1])
            #expect(walked.items.first?.deed == deed)
            #expect(walked.items.first?.createdAt == bench.at(4))
            let changed = walked.items[2].deed
            #expect(changed.detail == ["changed": ["name"], "version": 2])
            #expect(walked.items[1].deed.subjectID == nil)
        },
        StoreCase("who asked for a run, and who cancelled it, is in the audit trail") { bench in
            let config = try await bench.queued().config
            let run = try #require(
                try await bench.store.unfinishedRun(config: config.id, tenant: bench.tenant)
            )
            _ = try await bench.store.cancelRun(
                run.id,
                reason: "Enough.",
                actor: "bob",
                tenant: bench.tenant,
                now: bench.at(2)
            )
            var request = bench.request(config)
            request.actor = "ann"
            let next = try await bench.store.enqueueSync(request, tenant: bench.tenant, now: bench.at(3))
            try await bench.archive(config)
            let trail = try await bench.store.auditTrail(
                AuditFilter(subject: "run"),
                page: PageRequest(),
                tenant: bench.tenant
            ).items.reversed()
            #expect(
                trail.map { "\($0.deed.actor) \($0.deed.action)" } == [
                    "host run.queued", "bob run.cancelled", "ann run.queued", "ann run.cancelled",
                ]
            )
            #expect(trail.map(\.deed.subjectID) == [run.id, run.id, next.id, next.id])
        },
        StoreCase("a cursor that no page gave does no harm") { bench in
            let lease = try await bench.running()
            try await bench.commit((1...3).map { Person("p\($0)") }, lease)
            _ = try await bench.commit(rejected: [9], token: [2], lease)
            for key in [
                PageKey(.max, .max), PageKey(.min, .min), PageKey(0, .max), PageKey(1, .max), PageKey(1, .min),
                PageKey(-1, -1),
            ] {
                let page = PageRequest(after: key, limit: 2)
                let (run, tenant, store) = (lease.run.id, bench.tenant, bench.store)
                let changes = try await store.changes(run: run, page: page, tenant: tenant).items
                #expect(changes.allSatisfy { $0.effect == .created && $0.row != nil })
                #expect(try await store.runs(RunFilter(), page: page, tenant: tenant).items.count <= 1)
                #expect(try await store.rejects(run: run, RejectFilter(), page: page, tenant: tenant).items.count <= 1)
                #expect(
                    try await store.mappingVersions(config: lease.config.id, page: page, tenant: tenant).items.count
                        <= 1
                )
                for since in [Int64.min, 0, .max].map(Instant.init(microseconds:)) {
                    let filter = LogFilter(since: since, until: since)
                    #expect(
                        try await store.logs(config: lease.config.id, filter, page: page, tenant: tenant).items.isEmpty
                    )
                }
            }
        },
        StoreCase("rejects are filtered and counted by their first failure") { bench in
            let lease = try await bench.running()
            _ = try await bench.commit(rejected: [2, 3, 4], token: [1], lease)
            _ = try await bench.commit(rejected: [5], because: Bench.otherFailure, token: [2], lease)
            _ = try await bench.commit(rejected: [6], token: [3], lease)
            _ = try await bench.commit(rejected: [7], because: Bench.thirdFailure, token: [4], lease)
            let lines = { @Sendable (filter: RejectFilter) async throws -> [Int64] in
                try await bench.walk(limit: 2) {
                    try await bench.store.rejects(run: lease.run.id, filter, page: $0, tenant: bench.tenant)
                }.items.map(\.locator)
            }
            #expect(try await lines(RejectFilter()) == [2, 3, 4, 5, 6, 7])
            #expect(try await lines(RejectFilter(code: "invalid_email")) == [2, 3, 4, 6, 7])
            #expect(try await lines(RejectFilter(code: "invalid_email", field: "email")) == [2, 3, 4, 6])
            #expect(try await lines(RejectFilter(field: "attributes.private_email")) == [7])
            #expect(try await lines(RejectFilter(field: "hire_date")) == [5])
            #expect(try await lines(RejectFilter(code: "invalid_email", field: "hire_date")) == [])
            #expect(try await lines(RejectFilter(state: "open")) == [2, 3, 4, 5, 6, 7])
            #expect(try await lines(RejectFilter(state: "dismissed")) == [])
            let groups = try await bench.store.rejectGroups(run: lease.run.id, tenant: bench.tenant)
            #expect(
                groups == [
                    RejectGroup(code: "invalid_email", field: "email", count: 4, open: 4),
                    RejectGroup(code: "invalid_date", field: "hire_date", count: 1, open: 1),
                    RejectGroup(code: "invalid_email", field: "attributes.private_email", count: 1, open: 1),
                ]
            )
        },
    ]
}
