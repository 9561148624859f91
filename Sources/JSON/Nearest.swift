/// The candidate that a misspelt word most likely means; nil if none is near.
///
/// Near is at most one edit for three letters (insert, remove, replace, swap two neighbours), upper and lower case alike;
/// of two equally near the first wins.
package func nearest(to word: String, in candidates: some Sequence<String>) -> String? {
    // A word longer than any name is no misspelling, and its distance would be dear.
    guard word.utf8.count <= 128 else { return nil }
    let letters = Array(word.lowercased().unicodeScalars)
    var best: (candidate: String, distance: Int)?
    for candidate in candidates where candidate.utf8.count <= 128 {
        let other = Array(candidate.lowercased().unicodeScalars)
        let allowed = max(1, max(letters.count, other.count) / 3)
        guard abs(letters.count - other.count) <= allowed else { continue }
        let distance = editDistance(letters, other)
        if distance <= allowed, distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    return best?.candidate
}

/// Optimal string alignment: Levenshtein's distance, where swapping two neighbours counts once.
private func editDistance(_ left: [UnicodeScalar], _ right: [UnicodeScalar]) -> Int {
    var beforeLast = [Int](repeating: 0, count: right.count + 1)
    var last = Array(0...right.count)
    for row in 0..<left.count {
        var current = [row + 1]
        for column in 0..<right.count {
            var cost = min(
                last[column] + (left[row] == right[column] ? 0 : 1),
                last[column + 1] + 1,
                current[column] + 1
            )
            if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                cost = min(cost, beforeLast[column - 1] + 1)
            }
            current.append(cost)
        }
        beforeLast = last
        last = current
    }
    return last[right.count]
}
