import FoundationEssentials
import TestSupport

/// What operations could leave behind in this process and in the temporary folder.
struct Leftovers {
    /// Of each kind: sockets, pipes, event and process descriptors, memory files.
    var descriptors: [String: Int]
    var threads: [String: Int]
    var children: Int
    var scratchFolders: Int

    private static let kinds: Set<String> = [
        "socket:", "pipe:", "anon_inode:[eventfd]", "anon_inode:[pidfd]", "/memfd:crash.so ",
    ]

    /// Whether there is no more of anything than there was. Less may be: the system's libraries close some of theirs.
    func isWithin(_ earlier: Leftovers) -> Bool {
        descriptors.allSatisfy { $0.value <= earlier.descriptors[$0.key] ?? 0 }
            && threads.allSatisfy { $0.value <= earlier.threads[$0.key] ?? 0 }
            && children <= earlier.children && scratchFolders <= earlier.scratchFolders
    }

    /// Threads end a moment after their last work: looks again until the state is as wanted, for 20 seconds at most.
    static func settled(in folder: TemporaryFolder, _ isWanted: (Leftovers) -> Bool) async throws -> Leftovers {
        let end = ContinuousClock.now + .seconds(20)
        var now = try Leftovers(folder)
        while !isWanted(now), ContinuousClock.now < end {
            await Task.yield()
            now = try Leftovers(folder)
        }
        return now
    }

    private init(_ folder: TemporaryFolder) throws {
        let files = FileManager.default
        var kinds: [String: Int] = [:]
        for name in try files.contentsOfDirectory(atPath: "/proc/self/fd") {
            guard let target = try? files.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(name)") else { continue }
            let kind = target.hasPrefix("anon_inode:") ? target[...] : target.prefix { $0 != "[" && $0 != "(" }
            if Self.kinds.contains(String(kind)) { kinds[String(kind), default: 0] += 1 }
        }
        descriptors = kinds
        var names: [String: Int] = [:]
        for task in try files.contentsOfDirectory(atPath: "/proc/self/task") {
            guard let name = try? String(contentsOfFile: "/proc/self/task/\(task)/comm", encoding: .utf8) else {
                continue
            }
            if name.hasPrefix("runner") || name.hasPrefix("batches") { names[name, default: 0] += 1 }
        }
        threads = names
        children = 0
        for task in try files.contentsOfDirectory(atPath: "/proc/self/task") {
            guard let list = try? String(contentsOfFile: "/proc/self/task/\(task)/children", encoding: .utf8) else {
                continue
            }
            children += list.split(separator: " ").count
        }
        scratchFolders = try files.contentsOfDirectory(atPath: folder.path).count { $0.hasPrefix("trainflow-runner-") }
    }
}
