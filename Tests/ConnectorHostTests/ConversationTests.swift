import ConnectorHost
import JSON
import Log
import Testing

@Suite struct ConversationTests {
    private let start = ContinuousClock.now
    private let ready = RunnerFrame.ready(.init(abi: 0, describe: "{}", profile: "pure", missing: []))

    private func conversation(deadline: Duration? = .seconds(10), idle: Duration? = nil) -> Conversation {
        Conversation(
            Conversation.Terms(
                call: [1, 2],
                number: 7,
                manifest: Array("{}".utf8),
                profile: "pure",
                connector: "acme",
                file: "acme.so",
                doing: "reading people",
                startDeadline: .seconds(5),
                deadline: deadline,
                cancelGrace: .seconds(2),
                idleDeadline: idle
            ),
            now: start
        )
    }

    private func error(_ result: Result<JSONValue, ConnectorError>) -> ConnectorError? {
        if case .failure(let error) = result { error } else { nil }
    }

    @Test func `ready, call, result, end`() throws {
        var conversation = conversation()
        #expect(conversation.wakeAt == start + .seconds(5))
        #expect(conversation.received(ready, now: start + .seconds(1)) == [.send([1, 2]), .started])
        #expect(conversation.wakeAt == start + .seconds(11))
        #expect(conversation.received(.result(["read": 3]), now: start + .seconds(2)) == [.endControl])
        #expect(conversation.wakeAt == start + .seconds(4))
        #expect(conversation.timePassed(now: start + .seconds(4)) == [.kill])
        #expect(conversation.wakeAt == nil)
        #expect(try conversation.exited(.signaled(9)).get() == ["read": 3])
    }

    @Test func `an error keeps its class, code and wait`() {
        var conversation = conversation()
        _ = conversation.received(ready, now: start)
        let failure = RunnerFrame.Failure(
            status: 5,
            code: "too_many",
            message: "Wait.",
            retryAfter: 1_500,
            vendorCode: 429,
            detail: ["pointer": "/url"]
        )
        #expect(conversation.received(.failure(failure), now: start) == [.endControl])
        let error = error(conversation.exited(.exited(0)))
        #expect(error?.errorClass == .rateLimit)
        #expect(error?.code == "too_many" && error?.message == "Wait." && error?.vendorCode == 429)
        #expect(error?.retryAfter == .milliseconds(1_500))
        #expect(error?.detail == ["pointer": "/url"])
    }

    @Test(arguments: [Int64.max, 86_400_001, 86_400_000])
    func `no connector puts a run off for more than a day`(milliseconds: Int64) {
        var conversation = conversation()
        _ = conversation.received(ready, now: start)
        let failure = RunnerFrame.Failure(
            status: 5,
            code: "too_many",
            message: "Wait.",
            retryAfter: milliseconds,
            vendorCode: 0,
            detail: .null
        )
        _ = conversation.received(.failure(failure), now: start)
        #expect(error(conversation.exited(.exited(0)))?.retryAfter == .seconds(86_400))
    }

    @Test(arguments: [
        (1, "config"), (2, "auth"), (3, "forbidden"), (4, "not_found"), (5, "rate_limit"), (6, "unavailable"),
        (7, "timeout"), (8, "internal"), (9, "data"), (10, "conflict"), (11, "unsupported"), (12, "state_lost"),
        (13, "internal"), (14, "protocol"), (0, "internal"), (15, "internal"), (-1, "internal"),
    ])
    func `statuses are the header's`(status: Int64, name: String) {
        var conversation = conversation()
        _ = conversation.received(ready, now: start)
        let failure = RunnerFrame.Failure(
            status: status,
            code: "Not A Code",
            message: "",
            retryAfter: 0,
            vendorCode: 0,
            detail: .null
        )
        _ = conversation.received(.failure(failure), now: start)
        let error = error(conversation.exited(.exited(0)))
        #expect(error?.errorClass.rawValue == name)
        #expect(error?.code == "unnamed")
        #expect(error?.message.isEmpty == false)
    }

    @Test func `a lying manifest, another profile and another ABI are never called`() {
        for (frame, code) in [
            (RunnerFrame.Ready(abi: 0, describe: "{ }", profile: "pure", missing: []), "lying_manifest"),
            (.init(abi: 0, describe: "{}", profile: "odbc", missing: []), "bad_frame"),
            (.init(abi: 1, describe: "{}", profile: "pure", missing: []), "bad_frame"),
        ] {
            var conversation = conversation()
            #expect(conversation.received(.ready(frame), now: start) == [.kill, .dropData])
            let error = error(conversation.exited(.signaled(9)))
            #expect(error?.errorClass == .protocol && error?.code == code)
        }
    }

    @Test func `layers that are missing are told`() {
        var conversation = conversation()
        let frame = RunnerFrame.Ready(abi: 0, describe: "{}", profile: "pure", missing: ["landlock"])
        #expect(conversation.received(.ready(frame), now: start).first == .weakSandbox(["landlock"]))
    }

    @Test func `frames out of order break off`() {
        for frames in [
            [.result(1)],
            [.failure(.init(status: 1, code: "", message: "", retryAfter: 0, vendorCode: 0, detail: .null))],
            [ready, ready],
        ] as [[RunnerFrame]] {
            var conversation = conversation()
            for frame in frames.dropLast() { _ = conversation.received(frame, now: start) }
            #expect(conversation.received(frames[frames.count - 1], now: start) == [.kill, .dropData])
            #expect(error(conversation.exited(.signaled(9)))?.errorClass == .protocol)
        }
    }

    @Test func `a deadline asks first, and kills later`() {
        var conversation = conversation()
        _ = conversation.received(ready, now: start)
        #expect(conversation.timePassed(now: start + .seconds(9)) == [])
        let actions = conversation.timePassed(now: start + .seconds(10))
        #expect(actions.count == 2 && actions.last == .dropData)
        #expect(conversation.wakeAt == start + .seconds(12))
        #expect(conversation.timePassed(now: start + .seconds(11)) == [])
        #expect(conversation.timePassed(now: start + .seconds(12)) == [.kill, .dropData])
        let error = error(conversation.exited(.signaled(9)))
        #expect(error?.errorClass == .timeout && error?.code == "deadline")
        #expect(error?.signal == nil)
    }

    @Test func `an answer after the deadline changes nothing`() {
        var conversation = conversation()
        _ = conversation.received(ready, now: start)
        _ = conversation.timePassed(now: start + .seconds(10))
        #expect(conversation.received(.result(1), now: start + .seconds(11)) == [.endControl])
        #expect(error(conversation.exited(.exited(0)))?.errorClass == .timeout)
    }

    @Test func `who sends nothing while the host waits is asked, and killed`() {
        var conversation = conversation(deadline: nil, idle: .seconds(60))
        _ = conversation.received(ready, now: start)
        conversation.hostIs(.waiting(since: start + .seconds(5)), now: start + .seconds(6))
        #expect(conversation.wakeAt == start + .seconds(65))
        _ = conversation.received(.log(level: .info, message: "", fields: nil), now: start + .seconds(20))
        #expect(conversation.timePassed(now: start + .seconds(79)) == [])
        #expect(conversation.timePassed(now: start + .seconds(80)).last == .dropData)
        #expect(conversation.timePassed(now: start + .seconds(82)) == [.kill, .dropData])
        let error = error(conversation.exited(.signaled(9)))
        #expect(error?.errorClass == .timeout && error?.code == "idle")
        #expect(error?.message.contains("no sign for 60") == true)
    }

    @Test func `time in which the host itself does not read is nobody's idleness`() {
        var conversation = conversation(deadline: nil, idle: .seconds(60))
        _ = conversation.received(ready, now: start)
        conversation.hostIs(.resting, now: start + .seconds(500))
        #expect(conversation.timePassed(now: start + .seconds(500)) == [])
        #expect(conversation.wakeAt == start + .seconds(560))
        conversation.hostIs(.waiting(since: start + .seconds(530)), now: start + .seconds(560))
        #expect(conversation.timePassed(now: start + .seconds(560)) == [])
        #expect(conversation.timePassed(now: start + .seconds(590)).last == .dropData)
    }

    @Test func `a deadline that has just passed is not waited for`() {
        var conversation = conversation(deadline: nil)
        #expect(conversation.pollTimeout(now: start) == 5_001)
        #expect(conversation.pollTimeout(now: start + .microseconds(4_999_500)) == 1)
        for late in [Duration.zero, .nanoseconds(1), .milliseconds(172), .seconds(1), .seconds(1_000)] {
            #expect(conversation.pollTimeout(now: start + .seconds(5) + late) == 0)
        }
        _ = conversation.received(ready, now: start)
        #expect(conversation.pollTimeout(now: start) == -1)
        var patient = self.conversation(deadline: .seconds(1 << 40))
        _ = patient.received(ready, now: start)
        #expect(patient.pollTimeout(now: start) == .max)
    }

    @Test func `without a deadline it may take for ever`() {
        var conversation = conversation(deadline: nil)
        _ = conversation.received(ready, now: start)
        #expect(conversation.wakeAt == nil)
        #expect(conversation.timePassed(now: start + .seconds(1_000_000)) == [])
    }

    @Test func `a runner that is never ready is killed`() {
        var conversation = conversation()
        #expect(conversation.timePassed(now: start + .seconds(5)) == [.kill, .dropData])
        #expect(error(conversation.exited(.signaled(9)))?.code == "start_timeout")
    }

    @Test func `cancelled while starting, calling, and too late`() {
        var starting = conversation()
        #expect(starting.cancelled(now: start) == [.kill, .dropData])
        #expect(error(starting.exited(.signaled(9)))?.errorClass == .cancelled)
        var calling = conversation()
        _ = calling.received(ready, now: start)
        #expect(calling.cancelled(now: start).last == .dropData)
        #expect(calling.cancelled(now: start) == [])
        #expect(error(calling.exited(.signaled(11)))?.errorClass == .cancelled)
        var ending = conversation()
        _ = ending.received(ready, now: start)
        _ = ending.received(.result(1), now: start)
        #expect(ending.cancelled(now: start) == [])
        #expect(error(ending.exited(.exited(0))) == nil)
    }

    @Test func `nobody but the host cancels`() {
        var conversation = conversation()
        _ = conversation.received(ready, now: start)
        let failure = RunnerFrame.Failure(
            status: 8,
            code: "cancelled",
            message: "Bye.",
            retryAfter: 0,
            vendorCode: 0,
            detail: .null
        )
        _ = conversation.received(.failure(failure), now: start)
        #expect(error(conversation.exited(.exited(0)))?.errorClass == .internal)
    }

    @Test func `a breach names the connector, the slot and whom to tell`() {
        var conversation = conversation()
        _ = conversation.received(ready, now: start)
        let failure = RunnerFrame.Failure(
            status: 14,
            code: "connector_breach",
            message: "get_next: the text is not UTF-8",
            retryAfter: 0,
            vendorCode: 0,
            detail: .null
        )
        _ = conversation.received(.failure(failure), now: start)
        let error = error(conversation.exited(.exited(0)))
        #expect(error?.errorClass == .protocol && error?.code == "connector_breach")
        #expect(
            error?.message.contains(
                "acme.so) broke its contract while reading people: get_next: the text is not UTF-8. "
            )
                == true,
            "\(error?.message ?? "")"
        )
        #expect(error?.message.contains("publisher") == true)
    }

    @Test(arguments: [
        ("sandbox", "internal", "sandbox_failed"), ("load", "unsupported", "load_failed"),
        ("symbol", "unsupported", "symbol_missing"), ("describe", "protocol", "describe_failed"),
        ("exit", "crash", "runner_exited"), ("memory", "crash", "out_of_memory"),
        ("other", "internal", "runner_stopped"),
    ])
    func `a stop names its stage`(stage: String, name: String, code: String) {
        var conversation = conversation()
        #expect(conversation.received(.stop(stage: stage, message: "why"), now: start) == [.endControl])
        let error = error(conversation.exited(.exited(70)))
        #expect(error?.errorClass.rawValue == name && error?.code == code)
        #expect(error?.message.contains("why") == true && error?.message.contains("acme.so") == true)
    }

    @Test func `an end without an answer is told by how it ended`() {
        func error(_ exit: RunnerExit) -> ConnectorError? {
            var conversation = conversation()
            _ = conversation.received(ready, now: start)
            _ = conversation.controlEnded(now: start)
            return self.error(conversation.exited(exit))
        }
        let crash = error(.signaled(11))
        #expect(crash?.errorClass == .crash && crash?.signal == "SIGSEGV" && crash?.code == "crashed")
        #expect(crash?.message.contains("acme.so) crashed with SIGSEGV while reading people") == true)
        #expect(error(.signaled(4))?.signal == "SIGILL")
        #expect(error(.signaled(9))?.code == "runner_killed")
        #expect(error(.exited(3))?.message.contains("exit status 3") == true)
        #expect(error(.exited(3))?.signal == nil)
        #expect(error(.exited(71))?.message.contains("descriptors that are not its own") == true)
    }

    @Test func `who ends its batches before their end and stays is killed`() {
        var conversation = conversation(deadline: nil)
        _ = conversation.received(ready, now: start)
        _ = conversation.dataEnded(now: start)
        #expect(conversation.wakeAt == start + .seconds(2))
        #expect(conversation.timePassed(now: start + .seconds(2)) == [.kill, .dropData])
        #expect(error(conversation.exited(.signaled(9)))?.message.contains("cut its process off") == true)
    }

    @Test func `an end of the batches that says why in time is believed`() {
        var conversation = conversation(deadline: nil)
        _ = conversation.received(ready, now: start)
        _ = conversation.dataEnded(now: start)
        _ = conversation.received(.stop(stage: "memory", message: "no more"), now: start)
        #expect(error(conversation.exited(.exited(70)))?.code == "out_of_memory")
    }

    @Test func `who closes its control socket and stays is killed`() {
        var conversation = conversation(deadline: nil)
        _ = conversation.received(ready, now: start)
        _ = conversation.controlEnded(now: start)
        #expect(conversation.wakeAt == start + .seconds(2))
        #expect(conversation.timePassed(now: start + .seconds(2)) == [.kill, .dropData])
        #expect(error(conversation.exited(.signaled(9)))?.code == "bad_frame")
    }

    @Test func `abandoned is killed at once, whatever it does`() {
        var conversation = conversation()
        _ = conversation.received(ready, now: start)
        #expect(conversation.abandoned() == [.kill, .dropData])
        #expect(conversation.abandoned() == [])
        #expect(conversation.timePassed(now: start + .seconds(100)) == [])
    }
}
