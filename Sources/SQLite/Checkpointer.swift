internal import CSQLite
internal import Platform
internal import Synchronization

/// Copies a writer's log into the database on a thread and a connection of its own: about a fifth of what writing costs.
///
/// A copy that fails (a full disk) loses nothing: the log stays, and the next commit tries again, as with SQLite's own
/// automatic checkpoint. https://sqlite.org/wal.html
final class Checkpointer: Sendable {
    private let plan: Mutex<CheckpointPlan>
    private let queue: WorkQueue
    private let thread: ConnectionThread
    /// Held while the log is copied beside the writer.
    private let copying = Mutex(())

    /// * `pages`: how many pages the log has when copying begins.
    init(path: String, pages: Int64) async throws(SQLiteError) {
        plan = Mutex(CheckpointPlan(pages: Int32(clamping: pages)))
        var settings = SQLiteSettings(cacheKiB: 64)
        settings.checkpointPages = 0
        let queue = WorkQueue(lanes: 1)
        self.queue = queue
        thread = try await ConnectionThread.start(
            name: "sqlite-copy",
            queue: queue,
            path: path,
            mode: .readWrite,
            settings: settings
        )
    }

    deinit {
        queue.close(threads: 1)
    }

    /// Has the writer's commits looked at. On the writer's thread.
    func watch(_ writer: SQLiteConnection) {
        writer.onCommit { [self] writer, logged in
            switch plan.withLock({ $0.committed(logged: logged) }) {
            case .none: break
            case .start: _ = queue.append(lane: 0) { [self] own in copy(own) }
            case .finish: _ = writer.copyLog()
            case .waitAndFinish:
                copying.withLock { _ in }
                _ = writer.copyLog()
            }
        }
    }

    private func copy(_ connection: SQLiteConnection) {
        copying.withLock { _ in
            var round = 0
            var isWorthMore = true
            while isWorthMore {
                round += 1
                // Where nothing could be copied, another round would copy as little.
                let page = connection.copyLog() ?? .max
                isWorthMore = plan.withLock { $0.copied(upTo: page, round: round) }
            }
        }
    }

    /// Copies no more, and ends the thread.
    func close() async throws(SQLiteError) {
        queue.close(threads: 1)
        try await thread.ended()
    }
}

extension SQLiteConnection {
    /// Copies what can be copied of the log without waiting for anybody; answers up to which page, or nil if nothing could.
    fileprivate func copyLog() -> Int32? {
        var copied: Int32 = 0
        let code = unsafe sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_PASSIVE, nil, &copied)
        return code == SQLITE_OK ? copied : nil
    }
}
