import Changes
import ConnectorHost
import Crypto
import Identifiers
import JSON
import Mapping
import Store
import Sync
import Synchronization
import TestSupport
import Testing
import Time

@Suite(.timeLimit(.minutes(2))) struct SyncWorkerTests {
    // MARK: - To the end

    @Test func `a run takes what is right and keeps what is not as rejects`() async throws {
        let world = try await SyncWorld()
        let queued = try await world.queued("people", ["rows": 40])
        let progress = Mutex<[SyncProgress]>([])
        let run = try #require(
            try await world.worker(report: { told in progress.withLock { $0.append(told) } }).runNext(abandoned: false)
        )
        #expect(run.id == queued.id)
        #expect(run.state == .doneWithRejects)
        #expect(run.counts.read == 40 && run.counts.created == 36 && run.counts.rejected == 4)
        let rejects = try await world.store.rejects(run: run.id, tenant: run.tenant, after: 0, limit: 10)
        #expect(rejects.map(\.key) == ["000009", "000019", "000029", "000039"])
        #expect(Set(rejects.flatMap(\.failures).map(\.code)) == ["invalid_email"])
        let phases = progress.withLock { $0.map(\.phase) }
        #expect(phases.first == .starting && phases.last == .settling && phases.contains(.reading))
        #expect(try await world.worker().runNext(abandoned: false) == nil)
        #expect(try world.outcomes(of: run) == ["success"])
    }

    @Test func `a second run of the same changes nothing`() async throws {
        let world = try await SyncWorld()
        let config = try await world.config("people", ["rows": 20])
        for expected in [(created: 18, unchanged: 0), (created: 0, unchanged: 18)] {
            _ = try await world.enqueue(config)
            let run = try #require(try await world.worker().runNext(abandoned: false))
            #expect(run.counts.created == Int64(expected.created) && run.counts.unchanged == Int64(expected.unchanged))
        }
    }

    @Test func `several streams are read in order, and another attempt goes on with the one in hand`() async throws {
        let world = try await SyncWorld()
        // The same stream twice: its token must not outlive the first reading.
        let config = try await world.config("both", ["rows": 40, "at": 20, "do": "unavailable", "when": "first"])
        let courses = MappingSet(
            stream: "people",
            entity: .courses,
            rows: [
                MappingRow(sourceField: "id", targetField: "external_id"),
                MappingRow(sourceField: "email", targetField: "title"),
            ]
        )
        let version = try await world.store.saveMappings(
            [courses, SyncWorld.people],
            config: config.id,
            tenant: config.tenant,
            now: world.clock.now()
        )
        let queued = try await world.store.enqueueSync(
            SyncRequest(
                config: config.id,
                trigger: "manual",
                streams: [courses, SyncWorld.people].map { RunStream(stream: $0.stream, entity: $0.entity) },
                mappingVersion: version,
                input: [:]
            ),
            tenant: config.tenant,
            now: world.clock.now()
        )
        #expect(queued.streams.map(\.entity) == [.users, .courses])
        let told = Mutex<[Entity?]>([])
        let worker = world.worker(report: { progress in told.withLock { $0.append(progress.stream?.entity) } })
        var attempts: [[Int64]] = []
        var run = queued
        while !run.state.hasEnded, attempts.count < 5 {
            run = try #require(try await worker.runNext(abandoned: false))
            attempts.append(run.streams.map(\.counts.read))
            if let due = try await world.store.nextJobDue(now: world.clock.now()) { world.clock.set(due) }
        }
        #expect(attempts == [[20, 0], [40, 20], [40, 40]])
        #expect(run.state == .doneWithRejects && run.counts.read == 80 && run.counts.created == 76)
        #expect(run.streams.map(\.counts.rejected) == [4, 0] && run.streams.allSatisfy(\.isFinished))
        let entities = told.withLock { $0.compactMap(\.self) }
        #expect(entities == entities.filter { $0 == .users } + entities.filter { $0 == .courses })
    }

    // MARK: - Credentials and files

    @Test func `a config's credentials reach its connector, and no log`() async throws {
        let world = try await SyncWorld()
        _ = try await world.queued("people", ["rows": 10, "password": "swordfish"])
        let run = try #require(
            try await world.worker(secrets: { config in
                #expect(config.name == "people")
                return ["password": Secret("swordfish")]
            }).runNext(abandoned: false)
        )
        #expect(run.state == .doneWithRejects)
        #expect(!world.lines.lines.joined().contains("swordfish"))
    }

    @Test func `without credentials a run fails at the login, for good`() async throws {
        let world = try await SyncWorld()
        _ = try await world.queued("people", ["rows": 10, "password": "swordfish"])
        let run = try #require(try await world.worker().runNext(abandoned: false))
        #expect(run.state == .failed)
        #expect(run.failure?.errorClass == "auth" && run.failure?.code == "login_refused")
        let dead = try await world.store.jobs(JobFilter(state: .dead), tenant: run.tenant, before: nil, limit: 10)
        #expect(dead.map(\.id) == [run.id])
    }

    @Test func `credentials are opened from the store, and end the run where they don't open`() async throws {
        let world = try await SyncWorld()
        let keys = ["a", "b"].map { Secret(String(repeating: $0, count: 32)) }
        let ciphers = try keys.map { CredentialCipher(keys: try SecretKeyRing(text: $0)) }
        let config = try await world.config("people", ["rows": 10, "password": "swordfish"])
        let sealed = ciphers[0].seal(
            ["password": Secret("swordfish")],
            config: config.id,
            tenant: config.tenant,
            now: world.clock.now()
        )
        _ = try await world.store.saveCredentials(
            EncryptedCredentials(payload: sealed.payload, keyID: sealed.keyID),
            config: config.id,
            actor: "anna",
            tenant: config.tenant,
            now: world.clock.now()
        )
        var runs: [Run] = []
        for cipher in ciphers {
            _ = try await world.enqueue(config)
            let reader = CredentialReader(store: world.store, cipher: cipher)
            runs.append(
                try #require(try await world.worker(secrets: reader.secrets(of:)).runNext(abandoned: false))
            )
        }
        #expect(runs[0].state == .doneWithRejects)
        #expect(runs[1].state == .failed)
        #expect(runs[1].failure?.errorClass == "config" && runs[1].failure?.code == "credentials_unreadable")
        #expect(runs[1].failure?.message.contains(sealed.keyID) == true)
        let other = try await world.config("other")
        let reader = CredentialReader(store: world.store, cipher: ciphers[0])
        #expect(try await reader.secrets(of: other) == [:])
    }

    @Test func `an uploaded file is read by its name, from where it lies`() async throws {
        let world = try await SyncWorld()
        let config = try await world.config("people", ["rows": 10, "at": 0, "do": "gate"])
        let file = try await world.upload("gate", for: config)
        _ = try await world.enqueue(config, input: file.input)
        let sizes = Mutex<[Int64]>([])
        let worker = world.worker(
            files: world.uploads,
            report: { told in
                if let bytes = told.inputBytes { sizes.withLock { $0.append(bytes) } }
            }
        )
        #expect(try await worker.runNext(abandoned: false)?.state == .doneWithRejects)
        #expect(sizes.withLock { $0 } == [1])
    }

    @Test func `an upload that is gone, or another tenant's, is said to be gone`() async throws {
        let world = try await SyncWorld()
        let config = try await world.config("a")
        let gone = try await world.upload("people", for: config)
        let file = try await world.upload("people", for: config)
        _ = try await world.store.archiveFile(gone.id, actor: "anna", tenant: config.tenant, now: world.clock.now())
        _ = try await world.enqueue(config, input: gone.input)
        _ = try await world.queued("b", tenant: SyncWorld.ben, input: file.input)
        _ = try await world.queued("c", input: ["file_id": "no id"])
        for _ in 0..<3 {
            let run = try #require(try await world.worker(files: world.uploads).runNext(abandoned: false))
            #expect(run.state == .failed)
            #expect(run.failure?.errorClass == "config" && run.failure?.code == "file_gone")
        }
    }

    // MARK: - Ends before the end

    @Test func `a connector that crashes gets one more try, and what was committed stays`() async throws {
        let world = try await SyncWorld()
        let settings: JSONValue = ["in": "get_next", "how": "segv", "batch": 2]
        _ = try await world.queued("crash", settings, provider: "test-crash")
        let worker = world.worker()
        let waiting = try #require(try await worker.runNext(abandoned: false))
        #expect(waiting.state == .queued)
        #expect(waiting.failure?.errorClass == "crash")
        #expect(waiting.message.contains("SIGSEGV"))
        #expect(try world.outcomes(of: waiting) == [])
        let run = try #require(try await worker.runNext(abandoned: false))
        #expect(run.state == .failed && run.attempt == 2)
        #expect(run.failure?.message.contains("SIGSEGV") == true)
        #expect(run.counts.created == 4)
        #expect(run.message.contains("What was committed stays"))
        #expect(try world.outcomes(of: run) == ["error"])
        #expect(try await worker.runNext(abandoned: false) == nil)
    }

    @Test func `a run goes on from its checkpoint, and ends as an undisturbed one`() async throws {
        let world = try await SyncWorld()
        let plain = try await world.queued("plain", ["rows": 100])
        _ = try await world.worker().runNext(abandoned: false)
        let disturbed = try await world.queued(
            "disturbed",
            ["rows": 100, "at": 50, "do": "unavailable", "when": "first"],
            tenant: SyncWorld.ben
        )
        let waiting = try #require(try await world.worker().runNext(abandoned: false))
        #expect(waiting.state == .queued && waiting.counts.read == 50)
        let due = try #require(try await world.store.nextJobDue(now: world.clock.now()))
        world.clock.set(due)
        let run = try #require(try await world.worker().runNext(abandoned: false))
        #expect(run.attempt == 2)
        #expect(try await world.outcome(of: disturbed) == world.outcome(of: plain))
    }

    @Test func `a lost place starts over once`() async throws {
        let world = try await SyncWorld()
        let settings: JSONValue = ["rows": 60, "at": 30, "do": "unavailable", "when": "first"]
        let queued = try await world.queued("people", settings)
        let worker = world.worker()
        #expect(try await worker.runNext(abandoned: false)?.counts.read == 30)
        // The source is up again, but does not know the token any more.
        try await world.change(queued, settings: ["rows": 60, "do": "state_lost", "when": "resumed"])
        world.clock.advance(by: .seconds(1))
        let lost = try #require(try await worker.runNext(abandoned: false))
        #expect(lost.state == .queued && lost.failure?.errorClass == "state_lost" && lost.counts.read == 0)
        let run = try #require(try await worker.runNext(abandoned: false))
        #expect(run.state == .doneWithRejects)
        #expect(run.counts.read == 60 && run.counts.unchanged == 27 && run.counts.created == 27)
        #expect(run.counts.rejected == 6)
    }

    @Test func `a place that is lost twice ends the run`() async throws {
        let world = try await SyncWorld()
        _ = try await world.queued("people", ["do": "state_lost"])
        let worker = world.worker()
        #expect(try await worker.runNext(abandoned: false)?.state == .queued)
        let run = try #require(try await worker.runNext(abandoned: false))
        #expect(run.state == .failed && run.failure?.errorClass == "state_lost")
    }

    // MARK: - Leases

    @Test func `whoever lost the lease commits nothing more`() async throws {
        let world = try await SyncWorld()
        let gate = try Gate("a", in: world.folder)
        let queued = try await world.queued("people", ["rows": 100, "at": 50, "do": "gate"], input: gate.input)
        let (reached, signal) = AsyncStream<Void>.makeStream()
        let worker = world.worker(report: { if $0.counts.read >= 20 { signal.finish() } })
        let job = try #require(try await worker.claim(perTenant: 1, abandoned: false))
        let work = Task { try await worker.work(job) }
        for await _ in reached {}
        let thief = try await world.claim("two", abandoned: true)
        #expect(thief.fence > job.fence)
        let before = try await world.run(queued)
        try gate.open()
        let error = await #expect(throws: StoreError.self) { try await work.value }
        #expect(error?.code == .fenced)
        let after = try await world.run(queued)
        #expect(after.counts == before.counts && after.state == .running)
        // The thief's own work ends as if nothing had been.
        let run = try await world.worker("two").work(thief)
        #expect(run.state == .doneWithRejects && run.counts.read == 100 && run.counts.created == 90)
    }

    @Test func `a heartbeat that is refused stops the work`() async throws {
        let world = try await SyncWorld()
        let queued = try await world.queued("people", ["rows": 100, "at": 50, "do": "wait"])
        let (reached, signal) = AsyncStream<Void>.makeStream()
        let worker = world.worker(report: { if $0.counts.read >= 20 { signal.finish() } })
        let job = try #require(try await worker.claim(perTenant: 1, abandoned: false))
        let work = Task { try await worker.work(job) }
        for await _ in reached {}
        let beat = ManualClock.start + .seconds(10)
        await world.clock.sleeper(until: beat)
        world.clock.set(beat)
        // It came through: the lease goes on from here.
        await world.clock.sleeper(until: beat + .seconds(10))
        #expect(try await world.store.nextJobDue(now: beat) == beat + .seconds(30))
        _ = try await world.claim("two", abandoned: true)
        world.clock.set(beat + .seconds(10))
        let error = await #expect(throws: StoreError.self) { try await work.value }
        #expect(error?.code == .fenced)
        #expect(try await world.run(queued).state == .running)
    }

    @Test func `cancelled work leaves its job as it is`() async throws {
        let world = try await SyncWorld()
        let queued = try await world.queued("people", ["rows": 100, "at": 50, "do": "wait"])
        let (reached, signal) = AsyncStream<Void>.makeStream()
        let worker = world.worker(report: { if $0.counts.read >= 20 { signal.finish() } })
        let job = try #require(try await worker.claim(perTenant: 1, abandoned: false))
        let work = Task { try await worker.work(job) }
        for await _ in reached {}
        work.cancel()
        await #expect(throws: CancellationError.self) { try await work.value }
        #expect(try await world.run(queued).state == .running)
        try await world.store.extendLease(job, leaseFor: .seconds(30), now: world.clock.now())
    }

    @Test func `a run names no path of the host, and the log does`() async throws {
        let world = try await SyncWorld()
        _ = try await world.queued("people", input: ["path": "/nowhere/people.csv"])
        let run = try #require(try await world.worker().runNext(abandoned: false))
        #expect(run.state == .failed && run.failure?.code == "input_gone")
        #expect(run.failure?.message.contains("/nowhere") == false && !run.message.contains("/nowhere"))
        #expect(world.lines.lines.contains { $0.contains("attempt failed") && $0.contains("/nowhere/people.csv") })
    }

    @Test func `a run whose input can't be read ends, and holds nobody up`() async throws {
        let world = try await SyncWorld()
        let damaged = try await world.queued("damaged")
        let next = try await world.queued("next", ["rows": 10], tenant: SyncWorld.ben)
        try world.spoilInput(of: damaged)
        let run = try #require(try await world.worker().runNext(abandoned: false))
        #expect(run.id == damaged.id && run.state == .failed && run.failure?.code == "config_unusable")
        #expect(try await world.worker().runNext(abandoned: false)?.id == next.id)
        #expect(try await world.run(next).state == .doneWithRejects)
    }

    @Test func `a run that ends its host again and again is given up`() async throws {
        let world = try await SyncWorld()
        let queued = try await world.queued("people", ["rows": 10])
        for death in 1...6 {
            let job = try await world.claim("host \(death)", abandoned: true)
            #expect(job.attempt == Int64(death))
            _ = try await world.store.beginRun(job, now: world.clock.now())
        }
        let run = try #require(try await world.worker().runNext(abandoned: true))
        #expect(run.id == queued.id && run.state == .failed && run.failure?.code == "host_ended_while_working")
        #expect(try world.outcomes(of: queued) == ["error"])
        #expect(try await world.worker().runNext(abandoned: true) == nil)
    }

    @Test func `who works one run leaves the others queued`() async throws {
        let world = try await SyncWorld()
        let others = try await [world.queued("others"), world.queued("theirs", tenant: SyncWorld.ben)]
        let own = try await world.queued("own", ["rows": 10])
        let run = try #require(try await world.worker().runNext(of: own.id, abandoned: true))
        #expect(run.id == own.id && run.state == .doneWithRejects)
        #expect(try await world.worker().runNext(of: own.id, abandoned: true) == nil)
        for other in others { #expect(try await world.run(other).state == .queued) }
    }

    @Test func `a run whose config can't be read ends, and can be cancelled`() async throws {
        let world = try await SyncWorld()
        let queued = try await world.queued()
        try world.spoilPolicy(of: queued)
        let run = try #require(try await world.worker().runNext(abandoned: false))
        #expect(run.id == queued.id && run.state == .failed && run.failure?.code == "config_unusable")
        let other = try await world.queued("other", tenant: SyncWorld.ben)
        try world.spoilPolicy(of: other)
        let cancelled = try await world.store.cancelRun(
            other.id,
            reason: "Enough.",
            tenant: SyncWorld.ben,
            now: world.clock.now()
        )
        #expect(cancelled.state == .cancelled)
    }
}
