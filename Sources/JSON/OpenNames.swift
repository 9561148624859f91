/// The names seen so far in every object that is open, end to end in one buffer.
struct OpenNames: Sendable {
    private struct Object: Sendable {
        /// In `ends`.
        var firstName: Int
        /// From 17 names on: open addressing over indices into `ends`, 0 is empty. Its size is a power of two.
        var table: [Int] = []
    }

    private var bytes: [UInt8] = []
    /// Where each name ends in `bytes`; it begins where the one before ends. The first entry belongs to no name.
    private var ends = [0]
    private var objects: [Object] = []

    /// Names in the innermost object.
    var count: Int { objects.last.map { ends.count - $0.firstName } ?? 0 }

    mutating func beginObject() {
        objects.append(Object(firstName: ends.count))
    }

    mutating func endObject() {
        guard let object = objects.popLast() else { return }
        ends.removeSubrange(object.firstName...)
        bytes.removeSubrange(ends[ends.count - 1]...)
    }

    /// Adds a name to the innermost object; false if it is there already.
    mutating func insert(_ source: [UInt8], _ range: Range<Int>) -> Bool {
        let start = bytes.count
        unsafe source.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0[range]) }
        ends.append(bytes.count)
        let name = ends.count - 1
        let object = objects.count - 1
        if name - objects[object].firstName < 16 {
            for other in objects[object].firstName..<name where isSame(other, start..<bytes.count) { return false }
            return true
        }
        return insertIntoTable(object, name)
    }

    private mutating func insertIntoTable(_ object: Int, _ name: Int) -> Bool {
        let first = objects[object].firstName
        if (name - first) * 2 >= objects[object].table.count {
            objects[object].table = [Int](repeating: 0, count: max(64, objects[object].table.count * 4))
            for other in first..<name {
                let slot = slot(of: other, in: objects[object].table)
                objects[object].table[slot] = other
            }
        }
        let slot = slot(of: name, in: objects[object].table)
        guard objects[object].table[slot] == 0 else { return false }
        objects[object].table[slot] = name
        return true
    }

    /// Where the name stands in the table, or the empty place for it.
    private func slot(of name: Int, in table: [Int]) -> Int {
        let range = ends[name - 1]..<ends[name]
        // Seeded per process, so that nobody can choose names that collide.
        var hasher = Hasher()
        unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: $0[range])) }
        var slot = hasher.finalize() & (table.count - 1)
        while table[slot] != 0, !isSame(table[slot], range) { slot = (slot + 1) & (table.count - 1) }
        return slot
    }

    private func isSame(_ name: Int, _ range: Range<Int>) -> Bool {
        let start = ends[name - 1]
        guard ends[name] - start == range.count else { return false }
        for index in 0..<range.count where bytes[start + index] != bytes[range.lowerBound + index] { return false }
        return true
    }
}
