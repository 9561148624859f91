import ConnectorHost
import Crypto
import FoundationEssentials
import Glibc
import JSON
import TestSupport
import Testing

@Suite struct MisbehaviourTests {
    private func settings(_ slot: String, _ how: String, batch: Int64 = 0) -> JSONValue {
        ["in": .string(slot), "how": .string(how), "batch": .integer(batch)]
    }

    // MARK: - Crashes

    @Test(arguments: ["open", "pull", "get_schema", "get_next", "op_state", "op_summary", "release_batch", "op_error"])
    func `a crash in each call of a pull is that operation's end`(slot: String) async throws {
        let test = try TestHost("crash")
        let (error, _) = try await test.failure(of: test.request("rows", settings: settings(slot, "segv")))
        #expect(error.errorClass == .crash && error.code == "crashed" && error.signal == "SIGSEGV", "\(error.message)")
        #expect(error.message.contains("crash.so) crashed with SIGSEGV while reading rows"))
        #expect(error.message.contains("What was committed stays"))
    }

    @Test(arguments: [(Question.validate, "validate"), (.test, "open"), (.test, "test"), (.discover, "discover")])
    func `a crash in each question is its answer`(question: Question, slot: String) async throws {
        let test = try TestHost("crash")
        let error = await #expect(throws: ConnectorError.self) {
            try await test.ask(question, settings: settings(slot, "segv"))
        }
        #expect(error?.errorClass == .crash && error?.signal == "SIGSEGV")
    }

    @Test(arguments: [("abort", "SIGABRT"), ("trap", "SIGILL"), ("stack", "SIGSEGV")])
    func `the signal is named`(how: String, signal: String) async throws {
        let test = try TestHost("crash")
        let (error, _) = try await test.failure(of: test.request("rows", settings: settings("get_next", how)))
        #expect(error.signal == signal)
    }

    @Test func `batches from before the crash are all there`() async throws {
        let test = try TestHost("crash")
        let (error, batches) = try await test.failure(
            of: test.request("rows", settings: settings("get_next", "segv", batch: 3))
        )
        #expect(error.signal == "SIGSEGV" && batches == 3)
    }

    @Test(arguments: ["crash-load", "crash-describe"])
    func `a crash before the call is told too`(file: String) async throws {
        let test = try TestHost(file)
        let (error, batches) = try await test.failure(of: test.request("rows"))
        #expect(error.errorClass == .crash && error.signal == "SIGSEGV" && batches == 0)
    }

    @Test func `the host goes on after a crash`() async throws {
        let test = try TestHost("crash")
        _ = try await test.failure(of: test.request("rows", settings: settings("get_next", "segv")))
        #expect(try await test.readAll(test.request("rows")).summary.read == 8)
    }

    // MARK: - Exits

    @Test func `exit in the middle of a pull is no end of the data`() async throws {
        let test = try TestHost("crash")
        for (how, batch) in [("exit0", 2), ("exit3", 0)] {
            let (error, batches) = try await test.failure(
                of: test.request("rows", settings: settings("get_next", how, batch: Int64(batch)))
            )
            #expect(error.errorClass == .crash && error.code == "runner_exited" && error.signal == nil)
            #expect(error.message.contains("called exit"))
            #expect(batches == batch)
        }
        let (error, _) = try await test.failure(of: test.request("rows", settings: settings("get_next", "_exit")))
        #expect(error.code == "runner_exited" && error.message.contains("exit status 5"))
    }

    // MARK: - Hangs

    @Test(arguments: ["loop", "sleep"], ["pull", "get_schema", "get_next", "op_summary"])
    func `a hang is killed after deadline and grace`(how: String, slot: String) async throws {
        let test = try TestHost("crash") { $0.cancelGrace = .milliseconds(100) }
        let started = ContinuousClock.now
        let (error, _) = try await test.failure(
            of: test.request("rows", settings: settings(slot, how), deadline: .milliseconds(200))
        )
        #expect(error.errorClass == .timeout && error.code == "deadline" && error.signal == nil)
        #expect(ContinuousClock.now - started >= .milliseconds(300))
    }

    @Test(arguments: ["pull", "get_schema", "get_next", "op_summary"])
    func `a hang without a deadline is killed once nothing came for too long`(slot: String) async throws {
        let test = try TestHost("crash") {
            $0.cancelGrace = .milliseconds(100)
            $0.idleDeadline = .milliseconds(200)
        }
        let (error, _) = try await test.failure(
            of: test.request("rows", settings: settings(slot, "sleep"), deadline: nil)
        )
        #expect(error.errorClass == .timeout && error.code == "idle", "\(error.message)")
        let question = await #expect(throws: ConnectorError.self) {
            try await test.ask(.test, settings: settings("test", "sleep"), deadline: nil)
        }
        #expect(question?.code == "idle")
    }

    @Test func `who honours the cancel flag is not killed`() async throws {
        let test = try TestHost("crash") { $0.cancelGrace = .seconds(60) }
        let (error, _) = try await test.failure(
            of: test.request("rows", settings: settings("get_next", "sleep_cancel"), deadline: .milliseconds(200))
        )
        #expect(error.errorClass == .timeout)
        #expect(test.log.lines.contains { $0.contains("exit status 0") || $0.contains("exit status 71") })
    }

    @Test func `a hang in op_cancel does not hold up the end`() async throws {
        let test = try TestHost("crash") { $0.cancelGrace = .milliseconds(100) }
        let operation = try await test.host.pull(test.request("rows", settings: settings("op_cancel", "sleep")))
        operation.cancel()
        let error = await #expect(throws: ConnectorError.self) { try await operation.next() }
        #expect(error?.errorClass == .cancelled)
    }

    @Test func `a hang is cancelled by the user too`() async throws {
        let test = try TestHost("crash") { $0.cancelGrace = .milliseconds(100) }
        let operation = try await test.host.pull(
            test.request("rows", settings: settings("get_next", "loop", batch: 1), deadline: nil)
        )
        #expect(try await operation.next() != nil)
        operation.cancel()
        let error = await #expect(throws: ConnectorError.self) { try await operation.next() }
        #expect(error?.errorClass == .cancelled)
    }

    // MARK: - Errors

    @Test(arguments: ["open", "pull", "get_schema", "get_next", "op_state", "op_summary"])
    func `an orderly error keeps its class`(slot: String) async throws {
        let test = try TestHost("crash")
        let (error, _) = try await test.failure(of: test.request("rows", settings: settings(slot, "error")))
        #expect(error.errorClass == .unavailable && error.code == "down")
    }

    // MARK: - Lies and breaches

    @Test func `a manifest that differs from what the code says is refused`() async throws {
        let test = try TestHost("liar")
        let error = await #expect(throws: ConnectorError.self) { try await test.ask(.validate) }
        #expect(error?.errorClass == .protocol && error?.code == "lying_manifest")
        #expect(error?.message.contains("liar.so") == true)
    }

    @Test(arguments: [
        ("nosymbol", "unsupported", "symbol_missing", "tfc_plugin_v0"),
        ("noload", "unsupported", "load_failed", "libtrainflow-missing.so.1"),
        ("bad-size", "unsupported", "symbol_missing", "struct_size"),
        ("bad-json", "protocol", "describe_failed", "not a JSON object"),
        ("bad-utf8", "protocol", "describe_failed", "UTF-8"),
    ])
    func `a file that is no right connector says what is missing`(
        file: String,
        errorClass: String,
        code: String,
        words: String
    ) async throws {
        let test = try TestHost(file)
        let error = await #expect(throws: ConnectorError.self) { try await test.ask(.validate) }
        #expect(error?.errorClass.rawValue == errorClass && error?.code == code, "\(error?.message ?? "")")
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }

    @Test(arguments: [
        "offsets_fall", "not_utf8", "nulls_lie", "length_huge", "columns_5000", "summary_garbage", "token_long",
    ])
    func `arrays that break Arrow's rules are the connector's fault`(breach: String) async throws {
        let test = try TestHost("bad")
        let (error, _) = try await test.failure(of: test.request("rows", settings: ["case": .string(breach)]))
        #expect(error.errorClass == .protocol, "\(error.message)")
    }

    @Test(arguments: [
        ("data_garbage", "bad_frame"), ("data_sizes", "bad_frame"), ("data_half", "deadline"),
        ("data_endless", "deadline"),
        ("control_garbage", "bad_frame"), ("control_huge", "bad_frame"),
        ("control_flood", "bad_frame"), ("result", "bad_frame"),
    ])
    func `who speaks on the host's sockets itself gets nothing believed`(how: String, code: String) async throws {
        let test = try TestHost("saboteur") { $0.cancelGrace = .milliseconds(200) }
        let deadline: Duration? = code == "deadline" ? .milliseconds(300) : .seconds(30)
        let (error, batches) = try await test.failure(
            of: test.request("rows", settings: ["do": .string(how)], deadline: deadline)
        )
        #expect(error.code == code, "\(error.message)")
        #expect(batches == 0)
    }

    @Test func `closed sockets and an orphan are an end like any other`() async throws {
        let test = try TestHost("saboteur")
        let closed = try await test.failure(of: test.request("rows", settings: ["do": "data_closed"])).error
        #expect([.crash, .unavailable, .protocol].contains(closed.errorClass), "\(closed.message)")
        // The runner's own thread may be reading from what was closed, or find it closed: it hangs, or ends.
        let mute = try await test.failure(
            of: test.request("rows", settings: ["do": "control_closed"], deadline: .milliseconds(300))
        ).error
        #expect(["deadline", "runner_exited"].contains(mute.code), "\(mute.message)")
        let replaced = try await test.failure(of: test.request("rows", settings: ["do": "replaced"])).error
        #expect(replaced.code == "runner_exited", "\(replaced.message)")
        #expect(replaced.message.contains("descriptors that are not its own"), "\(replaced.message)")
        let started = ContinuousClock.now
        let orphan = try await test.failure(of: test.request("rows", settings: ["do": "orphan"])).error
        #expect(orphan.signal == "SIGSEGV")
        #expect(ContinuousClock.now - started < .seconds(60))
    }

    // MARK: - Output

    @Test func `a flood of output is left out, counted and masked, and holds nothing up`() async throws {
        let test = try TestHost("flood")
        let request = test.request(
            "rows",
            settings: ["bytes": 50_000_000],
            secrets: ["password": Secret("open sesame 42")]
        )
        #expect(try await test.readAll(request).summary.read == 1)
        let log = test.log.lines.joined()
        #expect(log.utf8.count < 4_000_000)
        #expect(log.contains("printed more than is kept"))
        #expect(!log.contains("sesame"))
    }

    @Test func `a flood of log lines is bounded too`() async throws {
        let test = try TestHost("flood")
        let request = test.request("rows", settings: ["logs": 50_000])
        #expect(try await test.readAll(request).summary.read == 1)
        #expect(test.log.lines.count < 20_000)
        #expect(test.log.lines.contains { $0.contains("line 0") })
        #expect(test.log.lines.contains { $0.contains("\"output\":\"log\"") })
    }

    @Test(arguments: [(32, 10, true), (33, 10, false), (4, 65_536, true), (5, 60_000, false)])
    func `a flood of new credentials is a breach`(count: Int64, bytes: Int64, isAllowed: Bool) async throws {
        let services = MemoryServices()
        let test = try TestHost("flood", services: services)
        let request = test.request("rows", settings: ["secrets": .integer(count), "secret_bytes": .integer(bytes)])
        if isAllowed {
            #expect(try await test.readAll(request).summary.read == 1)
        } else {
            let (error, _) = try await test.failure(of: request)
            #expect(error.errorClass == .protocol && error.message.contains("32 credentials"), "\(error.message)")
        }
    }

    // MARK: - Nothing stays behind

    /// In a process of its own, so that what other tests hold open does not count.
    @Test func `fifty operations leave no descriptor, thread, process or folder`() async throws {
        await #expect(processExitsWith: .success) {
            let folder = try TemporaryFolder()
            unsafe setenv("TMPDIR", folder.path, 1)
            let test = try TestHost("crash") {
                $0.cancelGrace = .milliseconds(50)
                $0.concurrency = 8
                $0.concurrencyPerTenant = 8
            }
            func settings(_ how: String, batch: Int64) -> JSONValue {
                ["in": "get_next", "how": .string(how), "batch": .integer(batch)]
            }
            var before = try await Leftovers.settled(in: folder) { _ in true }
            // The connector's bytes are kept for its next run.
            before.descriptors["/memfd:crash.so "] = 1
            // libdispatch makes one for itself when it pleases.
            before.descriptors["anon_inode:[eventfd]", default: 0] += 1
            for round in 0..<10 {
                _ = try await test.readAll(test.request("rows"))
                _ = try await test.failure(of: test.request("rows", settings: settings("segv", batch: 1)))
                _ = try await test.failure(of: test.request("rows", settings: settings("exit3", batch: 0)))
                _ = try await test.failure(
                    of: test.request("rows", settings: settings("loop", batch: 0), deadline: .milliseconds(20))
                )
                // Dropped without a word, before or after its first batch.
                let dropped = try await test.host.pull(test.request("rows", settings: settings("sleep", batch: 2)))
                if round.isMultiple(of: 2) { _ = try await dropped.next() }
            }
            let after = try await Leftovers.settled(in: folder) { [before] in $0.isWithin(before) }
            #expect(after.isWithin(before), "\(before) became \(after)")
        }
    }

    @Test func `what a killed host left in the temporary folder is removed, however deep`() async throws {
        await #expect(processExitsWith: .success) {
            let folder = try TemporaryFolder()
            unsafe setenv("TMPDIR", folder.path, 1)
            let test = try TestHost("good")
            let used = try await test.host.pull(test.request("wait"))
            _ = try await used.next()
            let left = folder.file("trainflow-runner-left")
            try FileManager.default.createDirectory(
                atPath: left + String(repeating: "/deep", count: 500),
                withIntermediateDirectories: true
            )
            try FileManager.default.createSymbolicLink(atPath: "\(left)/link", withDestinationPath: folder.path)
            _ = try folder.write([1], to: "trainflow-runner-left/deep/deep/file")
            #expect(try await test.host.removeAbandonedScratchFolders() == 0)
            #expect(try await test.host.removeAbandonedScratchFolders(olderThan: .zero) == 1)
            let rest = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(rest.count { $0.hasPrefix("trainflow-runner-") } == 1)
            used.cancel()
        }
    }
}
