import Changes
import JSON
import Mapping
import MappingSupport

/// The rules of who is who, written down a second time and as plainly as possible: one record after the other, everything
/// looked for by going through all people.
struct CommitModel {
    struct Person {
        /// The config that owns it.
        var owner: Int?
        var fields: [String: String] = [:]
        /// The place of the manager among the people.
        var manager: Int?
        var createdRun: Int?
    }

    struct Link {
        var person: Int
        var owned: Bool
        var content: [String?]
    }

    struct Open {
        var text: String
        var onlyIfEmpty: Bool
    }

    struct Reject: Equatable {
        var line: Int
        var code: String
    }

    private struct Record {
        var line: Int
        var content: [String?]
        var values: [String: String?]

        var key: String { (values["external_id"] ?? nil) ?? "" }
        var email: String? { values["email"]?.flatMap { $0 == Cell.erased ? nil : $0.lowercased() } }
    }

    private struct Kept {
        var record: Record
        var waits: Bool
    }

    private(set) var people: [Person] = []
    private(set) var links: [Int: [String: Link]] = [:]
    private(set) var open: [Int: [Int: Open]] = [:]
    private(set) var rejects: [Reject] = []
    private(set) var counts = Counts()

    // What belongs to the run in hand.
    private var config = 0
    private var run = 0
    private var policy = Policy()
    private var write: [String: WriteRule] = [:]
    private var kept: [String: Kept] = [:]
    private var waiting: [Record] = []

    mutating func add(_ person: Person) {
        people.append(person)
    }

    mutating func run(
        _ number: Int,
        config: Int,
        policy: Policy,
        write: [String: WriteRule],
        columns: [String],
        records: [[String?]]
    ) {
        self.config = config
        self.policy = policy
        self.write = write
        run = number
        kept = [:]
        waiting = []
        rejects = []
        counts = Counts()
        if links[config] == nil { links[config] = [:] }
        for (position, content) in records.enumerated() {
            counts.read += 1
            let values = Dictionary(uniqueKeysWithValues: zip(columns, content))
            take(Record(line: position + 2, content: content, values: values))
        }
        settleEmails()
        settleManagers()
        rejects.sort { $0.line < $1.line }
    }

    // MARK: One record

    private mutating func take(_ record: Record) {
        if let earlier = kept[record.key] {
            switch repetition(record, earlier.record) {
            case .duplicate:
                counts.duplicate += 1
                return
            case .conflicting:
                refuse(record, "conflicting_rows")
                return
            case .newer:
                if earlier.waits {
                    waiting.removeAll { $0.key == record.key }
                    counts.duplicate += 1
                    kept[record.key] = nil
                }
            }
        } else if let link = links[config]?[record.key], link.content == tagged(record) {
            counts.unchanged += 1
            kept[record.key] = Kept(record: record, waits: false)
            return
        }
        apply(record, isGranted: false)
    }

    /// The content with what else the hash is made of.
    private func tagged(_ record: Record) -> [String?] {
        record.content + write.keys.sorted().map { "\($0) \(write[$0] ?? .always)" }
    }

    private func repetition(_ record: Record, _ earlier: Record) -> Repetition {
        Repetition.decide(
            same: record.content == earlier.content,
            kept: order(earlier.values),
            repeated: order(record.values)
        )
    }

    private func order(_ values: [String: String?]) -> [UInt8]? {
        values[policy.orderField ?? ""]?.flatMap { $0 == Cell.erased || $0.isEmpty ? nil : Array($0.utf8) }
    }

    /// Older than what stands in a row of this config: then the row knows better.
    private func isOutdated(_ record: Record, beside person: Person) -> Bool {
        guard let value = order(record.values), let standing = order(person.fields.mapValues { $0 }) else {
            return false
        }
        return OrderValue.compare(value, standing) < 0
    }

    private mutating func apply(_ record: Record, isGranted: Bool) {
        if let link = links[config]?[record.key] {
            if link.owned, !isGranted, isOutdated(record, beside: people[link.person]) {
                counts.unchanged += 1
                kept[record.key] = Kept(record: record, waits: false)
                return
            }
            change(record, link.person, owned: link.owned, isNewLink: false, isGranted: isGranted)
            return
        }
        let holders = people.indices.filter { record.email != nil && email($0) == record.email }
        if !isGranted, let wanted = record.email, waiting.contains(where: { $0.email == wanted }) {
            wait(record)
            return
        }
        if !isGranted, holders.contains(where: isLinkedHere) {
            wait(record)
            return
        }
        var meant: [Int] = []
        for person in policy.match.flatMap({ matches($0, record, holders) }) where !isLinkedHere(person) {
            if !meant.contains(person) { meant.append(person) }
        }
        if meant.count > 1 {
            refuse(record, "ambiguous_match")
        } else if let match = meant.first {
            if !isGranted, holders.contains(where: { $0 != match }) {
                wait(record)
            } else if people[match].owner == nil, !policy.adopt {
                refuse(record, "not_adopted")
            } else {
                change(record, match, owned: people[match].owner == nil, isNewLink: true, isGranted: isGranted)
            }
        } else if !isGranted, !holders.isEmpty {
            wait(record)
        } else {
            create(record)
        }
    }

    private func matches(_ rule: Policy.MatchRule, _ record: Record, _ holders: [Int]) -> [Int] {
        switch rule {
        case .email: return holders
        case .username:
            guard case .some(.some(let username)) = record.values["username"], username != Cell.erased else {
                return []
            }
            return people.indices.filter { people[$0].fields["username"] == username }
        case .externalID:
            let others = links.filter { $0.key != config }.sorted { $0.key < $1.key }
            return others.compactMap { $0.value[record.key]?.person }
                + people.indices.filter { people[$0].owner == nil && people[$0].fields["external_id"] == record.key }
        }
    }

    private func isLinkedHere(_ person: Int) -> Bool {
        links[config]?.values.contains { $0.person == person } ?? false
    }

    private func email(_ person: Int) -> String? {
        people[person].fields["email"]?.lowercased()
    }

    private mutating func create(_ record: Record) {
        var person = Person(owner: config, createdRun: run)
        for case (let name, .some(let value)) in record.values where value != Cell.erased {
            if name != "manager_external_id" { person.fields[name] = value }
        }
        let manager = self.manager(record)
        if case .known(let known) = manager { person.manager = known }
        people.append(person)
        if case .open(let text) = manager {
            open[config, default: [:]][people.count - 1] = Open(text: text, onlyIfEmpty: false)
        }
        if case .own = manager { counts.warned += 1 }
        counts.created += 1
        link(record, people.count - 1, owned: true)
    }

    private mutating func change(_ record: Record, _ number: Int, owned: Bool, isNewLink: Bool, isGranted: Bool) {
        var person = people[number]
        var isChanged = false
        for (name, value) in record.values where name != "manager_external_id" {
            let standing = person.fields[name]
            guard let new = decided(value, write[name] ?? .always, standing, owned: owned) else { continue }
            person.fields[name] = new == Cell.erased ? nil : new
            isChanged = isChanged || person.fields[name] != standing
        }
        let wanted = person.fields["email"]?.lowercased()
        if !isGranted, let wanted, wanted != email(number) {
            let isHeld = people.indices.contains { $0 != number && email($0) == wanted }
            if isHeld || waiting.contains(where: { $0.email == wanted }) {
                wait(record)
                return
            }
        }
        isChanged = changeManager(record, &person, number, owned: owned) || isChanged
        let isTakenOver = isNewLink && owned
        if isTakenOver { person.owner = config }
        people[number] = person
        if !owned { counts.warned += 1 }
        if isChanged || isTakenOver { counts.updated += 1 } else { counts.unchanged += 1 }
        link(record, number, owned: owned)
    }

    /// The new value, `erased` for none; nil leaves what stands.
    private func decided(_ value: String?, _ rule: WriteRule, _ standing: String?, owned: Bool) -> String? {
        guard let value, rule != .onCreate else { return nil }
        if standing != nil, rule == .whenEmpty || !owned { return nil }
        if value == Cell.erased, rule == .whenEmpty || !owned { return nil }
        return value
    }

    private mutating func link(_ record: Record, _ person: Int, owned: Bool) {
        links[config, default: [:]][record.key] = Link(person: person, owned: owned, content: tagged(record))
        kept[record.key] = Kept(record: record, waits: false)
    }

    private mutating func wait(_ record: Record) {
        waiting.append(record)
        kept[record.key] = Kept(record: record, waits: true)
    }

    private mutating func refuse(_ record: Record, _ code: String) {
        counts.rejected += 1
        rejects.append(Reject(line: record.line, code: code))
    }

    // MARK: Managers

    private enum Manager {
        case unsaid, erased, own
        case known(Int)
        case open(String)
    }

    private func manager(_ record: Record) -> Manager {
        guard case .some(.some(let text)) = record.values["manager_external_id"] else { return .unsaid }
        if text == Cell.erased { return .erased }
        if text == record.key { return .own }
        return find(text).map { .known($0) } ?? .open(text)
    }

    private func find(_ text: String) -> Int? {
        if let link = links[config]?[text] { return link.person }
        let others = Set(links.filter { $0.key != config }.compactMap { $0.value[text]?.person })
        if !others.isEmpty { return others.count == 1 ? others.first : nil }
        let unowned = people.indices.filter { people[$0].owner == nil && people[$0].fields["external_id"] == text }
        return unowned.count == 1 ? unowned[0] : nil
    }

    /// Answers whether something about the manager changes.
    private mutating func changeManager(_ record: Record, _ person: inout Person, _ number: Int, owned: Bool) -> Bool {
        let rule = write["manager_external_id"] ?? .always
        let mayWrite = rule == .always && owned || rule != .onCreate && person.manager == nil
        switch manager(record) {
        case .unsaid:
            return false
        case .own, .known(number):
            counts.warned += 1
            return false
        case .erased:
            guard rule == .always, owned else { return false }
            open[config]?[number] = nil
            defer { person.manager = nil }
            return person.manager != nil
        case .known(let known):
            if rule == .always, owned { open[config]?[number] = nil }
            guard mayWrite, person.manager != known else { return false }
            person.manager = known
            return true
        case .open(let text):
            guard mayWrite else { return false }
            let isNew = open[config]?[number]?.text != text
            if isNew {
                open[config, default: [:]][number] = Open(text: text, onlyIfEmpty: rule == .whenEmpty || !owned)
            }
            return isNew
        }
    }

    private mutating func settleManagers() {
        for (number, entry) in (open[config] ?? [:]).sorted(by: { $0.key < $1.key }) {
            guard let known = find(entry.text) else {
                counts.warned += 1
                continue
            }
            open[config]?[number] = nil
            if known != number, people[number].manager == nil || !entry.onlyIfEmpty { people[number].manager = known }
        }
    }

    // MARK: The exchange of e-mails

    private mutating func settleEmails() {
        var wishes = waiting.map { wish($0) }
        var denied = Set<Int>()
        for (position, wish) in wishes.enumerated() {
            guard let wish else { continue }
            if wishes[..<position].contains(where: { $0?.email == wish.email }) { denied.insert(position) }
        }
        var isDone = false
        while !isDone {
            isDone = true
            for (position, wish) in wishes.enumerated() where !denied.contains(position) {
                guard let wish else { continue }
                let stays = people.indices.contains { holder in
                    guard holder != wish.person, email(holder) == wish.email else { return false }
                    return !wishes.indices.contains { !denied.contains($0) && wishes[$0]?.person == holder }
                }
                if stays {
                    denied.insert(position)
                    isDone = false
                }
            }
        }
        wishes = []
        let records = waiting
        waiting = []
        for (position, record) in records.enumerated() {
            if denied.contains(position) { refuse(record, "email_taken") } else { apply(record, isGranted: true) }
        }
    }

    private func wish(_ record: Record) -> (person: Int?, email: String)? {
        let number: Int
        let owned: Bool
        if let link = links[config]?[record.key] {
            (number, owned) = (link.person, link.owned)
        } else {
            let holders = people.indices.filter { record.email != nil && email($0) == record.email }
            let meant = Set(policy.match.flatMap { matches($0, record, holders) }.filter { !isLinkedHere($0) })
            if meant.count > 1 { return nil }
            guard let match = meant.first else { return record.email.map { (nil, $0) } }
            if people[match].owner == nil, !policy.adopt { return nil }
            (number, owned) = (match, people[match].owner == nil)
        }
        let value = record.values["email"] ?? nil
        guard let new = decided(value, write["email"] ?? .always, people[number].fields["email"], owned: owned),
            new != Cell.erased, new.lowercased() != email(number)
        else { return nil }
        return (number, new.lowercased())
    }
}
