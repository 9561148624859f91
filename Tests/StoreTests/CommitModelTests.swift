import Changes
import JSON
import Mapping
import MappingSupport
import Store
import Testing

@Suite struct `Beside a naive model` {
    private static let columns = [
        "external_id", "email", "username", "first_name", "phone", "manager_external_id", "attributes.n",
    ]

    /// Three configs import into one tenant, again and again, in batches of any size, now and then by a process that has
    /// just started: people, links, managers, rejects and counts are those of the model.
    @Test(arguments: 0..<40)
    func `everything comes out the same`(seed: UInt64) async throws {
        try await CommitStory(seed: seed, columns: Self.columns).check()
    }
}

/// A random sequence of runs.
private final class CommitStory {
    private let seed: UInt64
    private let columns: [String]
    private var random: Deterministic
    private var model = CommitModel()
    private var policies: [Policy] = []
    private var writes: [[String: WriteRule]] = []

    init(seed: UInt64, columns: [String]) {
        self.seed = seed
        self.columns = columns
        random = Deterministic(seed: seed &+ 1)
    }

    func check() async throws {
        let world = try await CommitWorld()
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            let person: (String?, String?, String?) = (
                pick(keys + [nil]), pick(emails + [nil]), pick(usernames + [nil])
            )
            try await world.addPerson(externalID: person.0, email: person.1, firstName: nil, username: person.2)
            var fields: [String: String] = [:]
            fields["external_id"] = person.0
            fields["email"] = person.1
            fields["username"] = person.2
            model.add(CommitModel.Person(owner: nil, fields: fields))
        }
        for config in 0..<3 {
            policies.append(policy())
            writes.append(write())
            _ = try await world.config("c\(config)", policy: policies[config].json)
        }
        for number in 1...6 {
            let config = Int.random(in: 0..<3, using: &random)
            let records = (0..<Int.random(in: 1...14, using: &random)).map { _ in record() }
            let run = try await run(world, config, records)
            model.run(
                number,
                config: config,
                policy: policies[config],
                write: writes[config],
                columns: columns,
                records: records
            )
            #expect(run.counts.short == model.counts.short, "seed \(seed) run \(number)")
            let rejects = try await world.store.rejects(run: run.id, tenant: world.tenant, after: 0, limit: 99)
            let refused = rejects.map { CommitModel.Reject(line: Int($0.locator), code: $0.failures[0].code) }
            #expect(refused.sorted { $0.line < $1.line } == model.rejects, "seed \(seed) run \(number)")
            let difference = try people(world).difference(from: modelPeople())
            #expect(difference.isEmpty, "seed \(seed) run \(number): \(Array(difference))")
            #expect(try links(world) == modelLinks(), "seed \(seed) run \(number)")
            #expect(try open(world) == modelOpen(), "seed \(seed) run \(number)")
        }
    }

    private func run(_ world: CommitWorld, _ config: Int, _ records: [[String?]]) async throws -> Run {
        var lease = try await world.begin("c\(config)")
        var start = 0
        while start < records.count {
            if Int.random(in: 0..<5, using: &random) == 0 {
                try await world.reopen(directoryLimit: Int.random(in: 1...4, using: &random))
                lease = try await world.claim()
            }
            let end = min(records.count, start + Int.random(in: 1...8, using: &random))
            let batch = MappedBatch.people(
                columns,
                Array(records[start..<end]),
                firstLine: Int64(start + 2),
                write: writes[config]
            )
            try await world.commit(batch, lease)
            start = end
        }
        _ = try await world.store.settle(lease, now: world.now())
        return try await world.store.finishRun(lease, summary: [:], now: world.now())
    }

    // MARK: Chance

    private let keys = (0..<6).map { Optional("k\($0)") }
    private let emails = (0..<5).flatMap { [Optional("e\($0)@x.example"), Optional("E\($0)@X.example")] }
    private let usernames = (0..<3).map { Optional("u\($0)") }

    private func pick<Value>(_ values: [Value]) -> Value {
        values[Int.random(in: 0..<values.count, using: &random)]
    }

    private func record() -> [String?] {
        let erased = Optional(Cell.erased)
        return [
            pick(keys), pick(emails + [nil, erased]), pick(usernames + [nil, nil]), pick(["a", "b", nil, erased]),
            pick(["1", "2", nil]), pick(keys + [nil, nil, nil, erased]), pick(["1", "2", "3", nil]),
        ]
    }

    private func policy() -> Policy {
        var policy = Policy()
        policy.match = pick([[.email], [.email, .username], [.username], [.externalID, .email], []])
        policy.adopt = pick([true, true, false])
        policy.orderField = pick([nil, "attributes.n"])
        return policy
    }

    private func write() -> [String: WriteRule] {
        var rules: [String: WriteRule] = [:]
        for name in columns.dropFirst() { rules[name] = pick([.always, .always, .always, .whenEmpty, .onCreate]) }
        return rules
    }

    // MARK: What is there

    private func people(_ world: CommitWorld) throws -> [String] {
        try world.lines(
            """
            SELECT u.number, u.config_number, u.external_id, u.email, u.username, u.first_name, u.phone,
                    json_extract(u.attributes, '$.n'), m.number
                FROM users u LEFT JOIN users m ON m.id = u.manager_id ORDER BY u.number
            """
        )
    }

    private func modelPeople() -> [String] {
        model.people.enumerated().map { position, person in
            let names = ["external_id", "email", "username", "first_name", "phone", "attributes.n"]
            let parts =
                ["\(position + 1)", person.owner.map { "\($0 + 1)" } ?? "-"]
                + names.map { person.fields[$0] ?? "-" } + [person.manager.map { "\($0 + 1)" } ?? "-"]
            return parts.joined(separator: " ")
        }
    }

    private func links(_ world: CommitWorld) throws -> [String] {
        try world.lines("SELECT config_number, external_id, row_number, owned FROM integration_links ORDER BY 1, 2")
    }

    private func modelLinks() -> [String] {
        model.links.sorted { $0.key < $1.key }.flatMap { config, links in
            links.sorted { $0.key < $1.key }.map { "\(config + 1) \($0) \($1.person + 1) \($1.owned ? 1 : 0)" }
        }
    }

    private func open(_ world: CommitWorld) throws -> [String] {
        try world.lines("SELECT config_number, row_number, external_id FROM integration_open_managers ORDER BY 1, 2")
    }

    private func modelOpen() -> [String] {
        model.open.sorted { $0.key < $1.key }.flatMap { config, rows in
            rows.sorted { $0.key < $1.key }.map { "\(config + 1) \($0 + 1) \($1.text)" }
        }
    }
}

/// Xorshift: the same numbers for the same seed.
private struct Deterministic: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state &* 0x2545_F491_4F6C_DD1D
    }
}
