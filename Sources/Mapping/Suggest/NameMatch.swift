/// How well a column's name says which target it fills.
struct NameMatch: Sendable {
    /// 0 to 1.
    var score: Double
    /// In a sentence, without a full stop.
    var reason: String

    /// For each of an entity's own targets that the name may mean.
    static func all(_ name: String, _ entity: Entity) -> [String: NameMatch] {
        let key = NameKey(name)
        var matches: [String: NameMatch] = [:]
        for field in entity.fields {
            let words = table(entity, field.name)
            var best: NameMatch?
            for (variant, discount, note) in variants(key, entity) where !variant.words.isEmpty {
                guard let match = words.match(variant) else { continue }
                let score = match.score - discount
                if score > best?.score ?? 0 { best = NameMatch(score: score, reason: match.reason + note) }
            }
            matches[field.name] = best
        }
        return matches
    }

    /// The name itself, then without what says whose it is or in which language.
    private static func variants(_ key: NameKey, _ entity: Entity) -> [(key: NameKey, discount: Double, note: String)] {
        var variants = [(key, 0.0, "")]
        if let first = key.words.first, Synonyms.owners(entity).contains(first) {
            variants.append((key.dropping(first: 1), 0.05, ", without “\(first)”"))
        }
        for (key, discount, note) in variants {
            guard let last = key.words.last, let (more, what) = ending(last, entity) else { continue }
            variants.append((key.dropping(last: 1), discount + more, note + what))
        }
        return variants
    }

    /// What a last word that says whose something is, or in which language, costs.
    private static func ending(_ last: String, _ entity: Entity) -> (discount: Double, note: String)? {
        if Synonyms.arabicOwners(entity).contains(last) { return (0.05, ", without “\(last)”") }
        if ["en", "english", "latin"].contains(last) || last == inEnglish { return (0.05, ", in English") }
        if ["ar", "arabic"].contains(last) || last == inArabic { return (0.3, ", in Arabic") }
        return nil
    }

    private static let inEnglish = NameKey("بالإنجليزية").joined
    private static let inArabic = NameKey("بالعربية").joined

    private struct Table: Sendable {
        var target: String
        var strong: Set<String>
        var weak: Set<String>

        func match(_ key: NameKey) -> NameMatch? {
            let name = key.joined
            if name == target { return NameMatch(score: 1, reason: "The name is the target's own") }
            if strong.contains(name) { return NameMatch(score: 0.95, reason: "The name means this field") }
            if weak.contains(name) { return NameMatch(score: 0.65, reason: "The name may mean this field") }
            guard name.utf8.count >= 5, let near = strong.first(where: { isOneEditApart($0, name) }) else { return nil }
            return NameMatch(score: 0.7, reason: "The name is spelt nearly like “\(near)”")
        }
    }

    private static func table(_ entity: Entity, _ target: String) -> Table {
        tables[entity]?[target] ?? Table(target: target, strong: [], weak: [])
    }

    private static let tables: [Entity: [String: Table]] = Dictionary(
        uniqueKeysWithValues: Entity.allCases.map { entity in
            let synonyms = Synonyms.of(entity)
            let tables = entity.fields.map { field in
                let words = synonyms[field.name]
                return (
                    field.name,
                    Table(
                        target: NameKey(field.name).joined,
                        strong: Set((words?.strong ?? []).map { NameKey($0).joined }),
                        weak: Set((words?.weak ?? []).map { NameKey($0).joined })
                    )
                )
            }
            return (entity, Dictionary(uniqueKeysWithValues: tables))
        }
    )
}

/// Whether one letter more, less, or another, or two neighbours swapped, makes one of the other.
private func isOneEditApart(_ left: String, _ right: String) -> Bool {
    let (short, long) = left.unicodeScalars.count <= right.unicodeScalars.count ? (left, right) : (right, left)
    let a = Array(short.unicodeScalars)
    let b = Array(long.unicodeScalars)
    guard b.count - a.count <= 1, a != b else { return false }
    var start = 0
    while start < a.count, a[start] == b[start] { start += 1 }
    if a.count < b.count { return a[start...] == b[(start + 1)...] }
    if a[(start + 1)...] == b[(start + 1)...] { return true }
    return start + 1 < a.count && a[start] == b[start + 1] && a[start + 1] == b[start]
        && a[(start + 2)...] == b[(start + 2)...]
}
