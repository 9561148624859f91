import Changes
import JSON
import Mapping
import Testing

@Suite struct IdentityTests {
    private let free = Candidate(row: 1, owner: .nobody, isLinkedHere: false)
    private let others = Candidate(row: 2, owner: .anotherConfig, isLinkedHere: false)
    private let shared = Candidate(row: 3, owner: .anotherConfig, isLinkedHere: true)
    private let own = Candidate(row: 4, owner: .thisConfig, isLinkedHere: false)

    private func decide(_ matches: [[Candidate]], email: [Candidate] = [], adopt: Bool = true) -> Identity {
        Identity.decide(matches: matches, emailHolders: email, adopt: adopt)
    }

    @Test func `nobody is meant: a new row`() {
        #expect(decide([[]]) == .create)
        #expect(decide([]) == .create)
    }

    @Test func `a row without owner is taken over, where the policy allows it`() {
        #expect(decide([[free]], email: [free]) == .link(row: 1, owned: true))
        #expect(decide([[free]], email: [free], adopt: false) == .notAdopted(1))
    }

    @Test func `another's row is linked, not owned`() {
        #expect(decide([[others]], email: [others]) == .link(row: 2, owned: false))
        #expect(decide([[others]], email: [others], adopt: false) == .link(row: 2, owned: false))
    }

    @Test func `rules that agree are one match`() {
        #expect(decide([[free], [], [free]]) == .link(row: 1, owned: true))
    }

    @Test func `two rows, or rules that disagree, are ambiguous`() {
        #expect(decide([[free, others]]) == .ambiguous(1, 2))
        #expect(decide([[others], [free]]) == .ambiguous(2, 1))
    }

    @Test func `a row that this config knows under another id is somebody else`() {
        #expect(decide([[own]]) == .create)
        #expect(decide([[shared], [free]]) == .link(row: 1, owned: true))
        #expect(decide([[own], [shared]]) == .create)
    }

    @Test func `an e-mail that somebody else has makes the record wait`() {
        #expect(decide([[own]], email: [own]) == .wait(holder: 4))
        #expect(decide([[shared], [free]], email: [shared]) == .wait(holder: 3))
        // No rule asks for e-mails: they belong to one person all the same.
        #expect(decide([[]], email: [others]) == .wait(holder: 2))
        #expect(decide([[free]], email: [others]) == .wait(holder: 2))
    }
}

@Suite struct RepetitionTests {
    private func decide(_ kept: String?, _ repeated: String?, same: Bool = false) -> Repetition {
        Repetition.decide(same: same, kept: kept.map { Array($0.utf8) }, repeated: repeated.map { Array($0.utf8) })
    }

    @Test func `an exact repeat is a duplicate`() {
        #expect(decide(nil, nil, same: true) == .duplicate)
        #expect(decide("1", "2", same: true) == .duplicate)
    }

    @Test func `without an order nothing says which is right`() {
        #expect(decide(nil, nil) == .conflicting)
        #expect(decide("1", nil) == .conflicting)
        #expect(decide(nil, "1") == .conflicting)
        #expect(decide("2024-01-01", "2024-01-01") == .conflicting)
    }

    @Test(arguments: [
        ("9", "10"), ("009", "0010"), ("2024-01-31", "2024-02-01"), ("2024-01-01T00:00:00Z", "2024-01-01T00:00:00.5Z"),
        ("2023-12-31T23:59:59Z", "2024-01-01T00:00:00Z"), ("0", "1"), ("99999999999999999999", "100000000000000000000"),
    ])
    func `the newer wins`(older: String, newer: String) {
        #expect(decide(older, newer) == .newer)
        #expect(decide(newer, older) == .duplicate)
    }
}

@Suite struct FieldChangeTests {
    private func decide(
        _ state: ValueState,
        _ rule: WriteRule,
        isEmpty: Bool = false,
        isEqual: Bool = false,
        owned: Bool = true
    ) -> FieldChange {
        FieldChange.decide(state, rule, isEmpty: isEmpty, isEqual: isEqual, owned: owned)
    }

    @Test func `always writes what differs`() {
        #expect(decide(.value, .always) == .write)
        #expect(decide(.value, .always, isEmpty: true) == .write)
        #expect(decide(.value, .always, isEqual: true) == .keep)
        #expect(decide(.erase, .always) == .erase)
        #expect(decide(.erase, .always, isEmpty: true) == .keep)
    }

    @Test func `when_empty fills and never erases`() {
        #expect(decide(.value, .whenEmpty) == .keep)
        #expect(decide(.value, .whenEmpty, isEmpty: true) == .write)
        #expect(decide(.erase, .whenEmpty) == .keep)
    }

    @Test func `on_create leaves existing rows alone`() {
        for state in [ValueState.value, .erase, .absent] {
            #expect(decide(state, .onCreate, isEmpty: true) == .keep)
        }
    }

    @Test func `saying nothing changes nothing`() {
        for rule in WriteRule.allCases { #expect(decide(.absent, rule) == .keep) }
        for rule in WriteRule.allCases { #expect(decide(.failed, rule) == .keep) }
    }

    @Test func `another's row gets only what it lacks`() {
        #expect(decide(.value, .always, owned: false) == .keep)
        #expect(decide(.value, .always, isEmpty: true, owned: false) == .write)
        #expect(decide(.value, .whenEmpty, isEmpty: true, owned: false) == .write)
        #expect(decide(.erase, .always, owned: false) == .keep)
    }
}

@Suite struct PolicyTests {
    @Test func `a policy is written as it is read`() throws {
        let text = #"{"match":["username","email"],"adopt":false,"order_field":"attributes.last_modified"}"#
        let policy = try Policy(json: JSONValue(parsing: text))
        #expect(policy.match == [.username, .email])
        #expect(!policy.adopt)
        #expect(policy.orderField == "attributes.last_modified")
        #expect(policy.json.text == text)
    }

    @Test func `nothing said means the default`() throws {
        #expect(try Policy(json: [:]) == Policy())
        #expect(try Policy(json: ["match": []]).match.isEmpty)
        #expect(try Policy(json: ["order_field": "hire_date"]).orderField == "hire_date")
    }

    @Test(arguments: [
        (#"{"match":["emial"]}"#, #"/match/0: must be one of email, username, external_id; did you mean "email"?"#),
        (#"{"match":["email","email"]}"#, #"/match/1: "email" stands here twice"#),
        (#"{"match":[1]}"#, "/match/0: must be a string, is a number"),
        (#"{"adopt":"yes"}"#, "/adopt: must be true or false, is a string"),
        (#"{"adpot":true}"#, #"/adpot: unknown field: did you mean "adopt"?"#),
        (#"{"order_field":"modified"}"#, "/order_field: must be a target field, like attributes.last_modified"),
        ("[]", "must be an object, is an array"),
    ])
    func `what it can't say is refused`(text: String, message: String) throws {
        let value = try JSONValue(parsing: text)
        let error = #expect(throws: JSONFieldError.self) { try Policy(json: value) }
        #expect(error?.description == message)
    }
}
