import Changes
import JSON
import Mapping
import Testing

@Suite struct GuardedEffectTests {
    private func kinds(_ entity: Entity, _ before: JSONObject, _ after: JSONObject) -> [GuardedEffect] {
        GuardedEffects(entity, before: before, after: after).kinds
    }

    @Test(arguments: [
        ("active", "suspended", true), ("active", "inactive", true), ("active", "on_leave", true),
        ("on_leave", "suspended", true), ("on_leave", "inactive", true), ("on_leave", "active", false),
        ("suspended", "inactive", false), ("inactive", "active", false), ("suspended", "active", false),
    ])
    func `people lose access by their status`(old: String, new: String, ends: Bool) {
        #expect(kinds(.users, ["status": .string(old)], ["status": .string(new)]) == (ends ? [.deactivate] : []))
    }

    @Test func `nobody is without a status: an ended one where nothing stood ends access`() {
        #expect(kinds(.users, ["status": .null], ["status": "inactive"]) == [.deactivate])
        #expect(kinds(.users, ["status": .null], ["status": "active"]) == [])
    }

    @Test func `courses are closed, enrolments end`() {
        #expect(kinds(.courses, ["status": "active"], ["status": "archived"]) == [.deactivate])
        #expect(kinds(.courses, ["status": "draft"], ["status": "archived"]) == [])
        #expect(kinds(.enrollments, ["status": "enrolled"], ["status": "cancelled"]) == [.unenrol])
        #expect(kinds(.enrollments, ["status": "completed"], ["status": "expired"]) == [.unenrol])
        #expect(kinds(.enrollments, ["status": "expired"], ["status": "cancelled"]) == [])
        #expect(kinds(.enrollments, ["status": "enrolled"], ["status": "completed"]) == [])
    }

    @Test func `what somebody is known by is a key, where it stood`() {
        #expect(kinds(.users, ["email": "a@x.example"], ["email": "b@x.example"]) == [.keyChange])
        #expect(kinds(.users, ["username": "ann"], ["username": .null]) == [.keyChange])
        #expect(kinds(.users, ["email": .null], ["email": "b@x.example"]) == [])
        #expect(kinds(.users, ["first_name": "Ann"], ["first_name": .null]) == [])
        #expect(kinds(.courses, ["code": "A1"], ["code": "A2"]) == [.keyChange])
        #expect(kinds(.enrollments, ["user_id": "1"], ["user_id": "2"]) == [.keyChange])
    }

    @Test func `an e-mail in another case is the same`() {
        #expect(kinds(.users, ["email": "Ann@X.example"], ["email": "ann@x.example"]) == [])
        #expect(kinds(.users, ["username": "Ann"], ["username": "ann"]) == [.keyChange])
    }

    @Test func `a record may do both, and says why`() {
        let effects = GuardedEffects(
            .users,
            before: ["status": "active", "email": "a@x.example", "username": "a"],
            after: ["status": "inactive", "email": "b@x.example", "username": "b"]
        )
        #expect(effects.kinds == [.deactivate, .keyChange])
        #expect(GuardedEffects.masks.contains(effects.mask))
        #expect(effects.clause == "status turns from active to inactive; email and username change")
        let lines = effects.causeLines.split(separator: "\n").map { GuardCause(line: String($0)) }
        #expect(lines == [.status(before: "active", after: "inactive"), .keys(["email", "username"])])
    }

    @Test(arguments: [
        GuardCause.status(before: nil, after: "a \"b\"\nc"), .status(before: "active", after: nil), .absent,
        .keys(["user_id"]),
        .sentence("[no array"), .sentence("email changes"),
    ])
    func `a cause is kept in one line, and older ones as the sentence that they are`(cause: GuardCause) {
        #expect(GuardCause(line: cause.line) == cause && !cause.line.contains("\n"))
    }
}

@Suite struct GuardVerdictTests {
    private func decide(
        _ count: Int64,
        of population: Int64,
        _ limits: GuardLimits = GuardLimits(),
        _ kind: GuardedEffect = .deactivate,
        standing: Int64? = nil,
        earlier: Int64 = 0
    ) -> GuardVerdict {
        GuardVerdict.decide(
            .users,
            [.init(kinds: [kind], causes: [.status(before: "active", after: "inactive")], count: count)],
            population: GuardPopulation(owned: population, standing: standing ?? population),
            earlier: [kind: earlier],
            limits: limits
        )
    }

    @Test func `the greater of percent and absolute is the limit`() {
        #expect(!decide(100, of: 2_000).isHeld)
        #expect(decide(101, of: 2_000).isHeld)
        #expect(!decide(10, of: 50).isHeld)
        #expect(decide(11, of: 50).isHeld)
    }

    @Test(arguments: [
        (10, 10, true), (5, 10, false), (6, 10, true), (1, 1, false), (2, 3, true), (1, 0, false), (2, 0, true),
    ])
    func `of few no more than half`(count: Int64, population: Int64, isHeld: Bool) {
        #expect(decide(count, of: population).isHeld == isHeld)
    }

    @Test func `who allows nothing gets nothing, of few too`() {
        var limits = GuardLimits()
        limits.deactivate = .init(percent: 0, absolute: 0)
        #expect(decide(1, of: 5, limits).isHeld)
        #expect(decide(1, of: 5_000, limits).isHeld)
    }

    @Test func `a hundred percent switches a kind off`() {
        var limits = GuardLimits()
        limits.keyChange.percent = 100
        #expect(!decide(2_000, of: 5, limits, .keyChange).isHeld)
        #expect(decide(2_000, of: 5, limits).isHeld)
    }

    @Test func `a great population does not overflow`() {
        #expect(GuardLimits().limit(.deactivate, of: .max) == Int64.max / 100 * 5 + 7 * 5 / 100)
    }

    @Test func `the sentence names cause, count, whole and limit`() {
        #expect(
            decide(300, of: 2_000).sentence
                == "300 of 2,000 people would lose access (limit 100): status turns from active to inactive."
        )
    }

    @Test func `records with two kinds count for both, and the commonest cause is told`() {
        let verdict = GuardVerdict.decide(
            .users,
            [
                .init(kinds: [.deactivate, .keyChange], causes: [.sentence("a"), .sentence("b")], count: 30),
                .init(kinds: [.keyChange], causes: [.sentence("c")], count: 40),
                .init(kinds: [.keyChange], causes: [.sentence("b")], count: 20),
            ],
            population: GuardPopulation(owned: 1_000, standing: 1_000),
            limits: GuardLimits()
        )
        #expect(verdict.counts.map(\.effect) == [.deactivate, .keyChange])
        #expect(verdict.counts.map(\.count) == [30, 90])
        #expect(verdict.counts.map(\.cause) == [.sentence("a"), .sentence("b")])
        // Only what is beyond its limit is told.
        #expect(verdict.sentence == "90 of 1,000 people would be known by something else (limit 20): b.")
    }

    @Test func `those who ended years before don't widen the limit`() {
        #expect(!decide(50, of: 10_000, standing: 1_000).isHeld)
        let verdict = decide(51, of: 10_000, standing: 1_000)
        #expect(verdict.isHeld && verdict.population == 10_000)
        #expect(verdict.sentence.hasPrefix("51 of 1,000 people would lose access (limit 50): "))
        #expect(decide(6, of: 10_000, standing: 10).isHeld)
        // A key may change of whoever has one.
        #expect(!decide(200, of: 10_000, GuardLimits(), .keyChange, standing: 1_000).isHeld)
    }

    @Test func `many small runs are one`() {
        #expect(!decide(40, of: 2_000, earlier: 60).isHeld)
        let verdict = decide(40, of: 2_000, earlier: 61)
        #expect(verdict.isHeld)
        #expect(
            verdict.sentence
                == "40 of 2,000 people would lose access, after 61 in runs shortly before (limit 100): status turns from active to inactive."
        )
        var limits = GuardLimits()
        limits.deactivate.percent = 100
        #expect(!decide(1, of: 5, limits, earlier: .max).isHeld)
    }

    @Test func `a verdict from before they were told has one whole, and nothing earlier`() throws {
        let verdict = try GuardVerdict(
            json: [
                "entity": "users", "population": 7, "held": true, "sentence": "",
                "kinds": [["kind": "deactivate", "count": 5, "limit": 3, "cause": "c"]],
            ]
        )
        #expect(verdict.counts.map(\.whole) == [7] && verdict.counts.map(\.earlier) == [0])
        #expect(verdict.counts.map(\.cause) == [.sentence("c")])
        #expect(try GuardVerdict(json: verdict.json) == verdict)
    }

    @Test func `a verdict is read as it was written`() throws {
        var limits = GuardLimits()
        limits.deactivate.percent = 100
        for verdict in [
            decide(300, of: 2_000), decide(3, of: 2_000), decide(3, of: 4, limits),
            decide(3, of: 9, standing: 4, earlier: 2),
        ] {
            #expect(try GuardVerdict(json: verdict.json) == verdict)
        }
    }
}

@Suite struct GuardPolicyTests {
    @Test func `is read as it is written`() throws {
        let text =
            #"{"match":["email"],"adopt":true,"guard":{"deactivate":{"percent":1,"absolute":2},"unenrol":{"percent":10,"absolute":25},"key_change":{"percent":2,"absolute":0},"shrink_percent":30,"minimum_population":5,"window_hours":48}}"#
        let policy = try Policy(json: JSONValue(parsing: text))
        #expect(policy.guardLimits.deactivate == .init(percent: 1, absolute: 2))
        #expect(policy.guardLimits.keyChange == .init(percent: 2, absolute: 0))
        #expect(policy.guardLimits.shrinkPercent == 30 && policy.guardLimits.minimumPopulation == 5)
        #expect(policy.guardLimits.windowHours == 48)
        #expect(policy.json.text == text)
        #expect(try Policy(json: ["guard": [:]]) == Policy())
    }

    @Test(arguments: [
        (#"{"guard":{"deactivate":{"percent":101}}}"#, "/guard/deactivate/percent: must be from 0 to 100"),
        (#"{"guard":{"unenrol":{"absolute":-1}}}"#, "/guard/unenrol/absolute: must be from 0 to 1000000000"),
        (#"{"guard":{"key_chage":{}}}"#, #"/guard/key_chage: unknown field: did you mean "key_change"?"#),
        (#"{"guard":{"key_change":7}}"#, "/guard/key_change: must be an object, is a number"),
        (#"{"guard":{"window_hours":8785}}"#, "/guard/window_hours: must be from 0 to 8784"),
        (#"{"guard":{"shrink_percent":"5"}}"#, "/guard/shrink_percent: must be a whole number, is a string"),
    ])
    func `what it can't be is refused with its place`(text: String, message: String) throws {
        let value = try JSONValue(parsing: text)
        let error = #expect(throws: JSONFieldError.self) { try Policy(json: value) }
        #expect(error.map { "\($0)" } == message)
    }
}
