import Store
import Sync
import Testing

struct RetryPolicyTests {
    private let policy = RetryPolicy()

    private func decide(
        _ errorClass: String,
        earlier: String? = nil,
        attempt: Int64 = 1,
        retryAfter: Duration? = nil,
        jitter: Double = 0
    ) -> RetryDecision {
        policy.decide(
            RunFailure(errorClass: errorClass, code: "x", message: "x"),
            earlier: earlier.map { RunFailure(errorClass: $0, code: "x", message: "x") },
            attempt: attempt,
            retryAfter: retryAfter,
            jitter: jitter
        )
    }

    @Test(arguments: [
        "config", "auth", "forbidden", "not_found", "data", "unsupported", "cancelled", "from another world",
    ])
    func `what trying again does not mend ends the run`(errorClass: String) {
        #expect(decide(errorClass) == .end)
    }

    @Test(arguments: ["crash", "internal", "protocol"])
    func `a bug of the connector gets one more try at once`(errorClass: String) {
        #expect(decide(errorClass) == .after(.zero))
        #expect(decide(errorClass, earlier: "crash", attempt: 2) == .end)
        #expect(decide(errorClass, earlier: "unavailable", attempt: 2) == .after(.zero))
    }

    @Test func `a connector that always crashes and can't go on comes to an end`() {
        #expect(decide("crash") == .after(.zero))
        #expect(decide("state_lost", earlier: "crash", attempt: 2) == .after(.zero))
        #expect(decide("crash", earlier: "state_lost", attempt: 3) == .end)
    }

    @Test func `a lost state is read again from the start once`() {
        #expect(decide("state_lost") == .after(.zero))
        #expect(decide("state_lost", earlier: "state_lost", attempt: 2) == .end)
    }

    @Test(arguments: ["unavailable", "timeout", "conflict", "rate_limit"])
    func `an outage is tried eight times with doubling waits`(errorClass: String) {
        #expect(decide(errorClass, attempt: 1) == .after(.seconds(1)))
        #expect(decide(errorClass, attempt: 4) == .after(.seconds(8)))
        #expect(decide(errorClass, attempt: 7) == .after(.seconds(64)))
        #expect(decide(errorClass, attempt: 8) == .end)
    }

    @Test func `jitter takes off up to a half`() {
        #expect(decide("unavailable", attempt: 4, jitter: 1) == .after(.seconds(4)))
    }

    @Test func `waits have an end`() {
        var patient = RetryPolicy()
        patient.tries = 100
        let failure = RunFailure(errorClass: "unavailable", code: "x", message: "x")
        #expect(
            patient.decide(failure, earlier: nil, attempt: 90, retryAfter: nil, jitter: 0) == .after(.seconds(300))
        )
    }

    @Test func `the source's own wish is followed`() {
        #expect(decide("rate_limit", retryAfter: .seconds(77)) == .after(.seconds(77)))
    }

    @Test func `attempts that nobody recorded an end of are numbered until it is enough`() {
        let policy = RetryPolicy()
        #expect((1...10).map { policy.isGivenUp(attempt: $0, earlier: nil) }.firstIndex(of: true) == 6)
        // Those that a failure was recorded of may have been all tries.
        let down = RunFailure(errorClass: "unavailable", code: "down", message: "Down.")
        #expect(!policy.isGivenUp(attempt: policy.tries + 6, earlier: down))
        #expect(policy.isGivenUp(attempt: policy.tries + 7, earlier: down))
        var patient = policy
        patient.interruptions = .max
        #expect(!patient.isGivenUp(attempt: 1_000, earlier: nil))
    }
}
