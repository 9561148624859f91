import Identifiers
import JSON
import Platform
import Store
import Sync
import Testing
import Time

@Suite struct `Files of a folder, one after the other` {
    private static let now = Instant(microseconds: 1_800_000_000_000_000)

    /// - Parameter age: seconds since it was last changed.
    private func file(
        _ path: String,
        inode: UInt64 = 1,
        age: Int64 = 60,
        modified: Int64? = nil,
        _ kind: ConfinedFolder.Entry.Kind = .file,
        manifestAge: Int64? = nil
    ) -> FolderFile {
        let changed = (Self.now.microseconds - age * 1_000_000) * 1_000
        return FolderFile(
            parts: path.split(separator: "/").map(String.init),
            kind: kind,
            identity: FileIdentity(inode: inode, size: 10, modified: modified ?? changed, changed: changed),
            manifest: manifestAge.map {
                FileIdentity(inode: 99, size: 1, modified: 0, changed: (Self.now.microseconds - $0 * 1_000_000) * 1_000)
            }
        )
    }

    private func taken(_ file: FolderFile, _ hash: UInt8, sameAs: Int64? = nil) -> TakenFile {
        TakenFile(
            number: 1,
            tenant: UUID(high: 1, low: 1),
            config: UUID(high: 1, low: 2),
            run: UUID(high: 1, low: 3),
            draft: TakenFileDraft(
                path: file.path,
                size: file.identity.size,
                modified: file.identity.modified,
                inode: file.identity.inode,
                changed: file.identity.changed,
                sha256: [hash],
                declared: nil,
                after: "leave",
                sameAs: sameAs
            ),
            archivedAs: nil,
            createdAt: Self.now,
            settledAt: nil,
            runState: .done
        )
    }

    private func settings(_ more: JSONObject = [:]) throws -> FolderSettings {
        var settings = more
        settings["path"] = "*.csv"
        return try #require(try FolderSettings(.object(settings)))
    }

    private func made(
        _ files: [FolderFile],
        known: [TakenFile] = [],
        _ more: JSONObject = [:]
    ) throws -> FolderQueue {
        FolderQueue(files, known: known, settings: try settings(more), now: Self.now)
    }

    private func wait(_ step: FolderQueue.Step) -> (sentence: String, duration: Duration)? {
        guard case .wait(let sentence, let duration) = step else { return nil }
        return (sentence, duration)
    }

    @Test func `come by the bytes of their names, or by time`() throws {
        let files = [file("b.csv", age: 100), file("ä.csv", age: 60), file("B.csv", age: 30), file("a/z.csv", age: 90)]
        func order(_ more: JSONObject) throws -> [String] {
            var queue = try made(files, more)
            var paths: [String] = []
            while case .hash(let file) = queue.next() {
                paths.append(file.path)
                let content = queue.hashed([UInt8(paths.count)])
                #expect(content == .new)
            }
            return paths
        }
        #expect(try order([:]) == ["B.csv", "a/z.csv", "b.csv", "ä.csv"])
        #expect(try order(["order": "time"]) == ["b.csv", "a/z.csv", "ä.csv", "B.csv"])
    }

    @Test func `are known by what they are, not looked at again`() throws {
        let (old, new) = (file("a.csv", inode: 1), file("a.csv", inode: 2))
        var known = try made([old], known: [taken(old, 7)])
        let next = known.next()
        #expect(next == .nothing)
        var replaced = try made([new], known: [taken(old, 7)])
        let then = replaced.next()
        #expect(then == .hash(new))
        let content = replaced.hashed([8])
        #expect(content == .new)
    }

    @Test func `are looked at again where the system alone saw them change`() throws {
        let modified = (Self.now.microseconds - 90_000_000) * 1_000
        let (old, new) = (file("a.csv", age: 80, modified: modified), file("a.csv", age: 70, modified: modified))
        var queue = try made([new], known: [taken(old, 7)])
        let next = queue.next()
        #expect(next == .hash(new))
        let content = queue.hashed([8])
        #expect(content == .new)
    }

    @Test func `with the same content as an earlier one are passed over`() throws {
        let (old, copy, other) = (file("a.csv", inode: 1), file("b.csv", inode: 2), file("c.csv", inode: 3))
        var queue = try made([old, copy, other], known: [taken(old, 7)])
        let next = queue.next()
        #expect(next == .hash(copy))
        let content = queue.hashed([7])
        #expect(content == .taken(taken(old, 7)))
        let then = queue.next()
        #expect(then == .hash(other))
        var later = try made([copy], known: [taken(old, 7), taken(copy, 7, sameAs: 1)])
        let finally = later.next()
        #expect(finally == .nothing)
    }

    @Test func `that are on their way hold up those behind them`() throws {
        var queue = try made([file("a.csv", age: 3), file("b.csv")])
        let first = queue.next()
        #expect(
            first
                == .wait(
                    "a.csv is still being written, or was until just now (it must be left alone for 10 seconds).",
                    .seconds(7)
                )
        )
        var patient = try made([file("a.csv", age: 3)], ["settle_seconds": 2])
        let next = patient.next()
        #expect(next == .hash(file("a.csv", age: 3)))
        var future = try made([file("a.csv", age: -100)])
        let waiting = wait(future.next())
        #expect(waiting?.duration == .seconds(10))
        var named = try made(["a.csv.part", "b.tmp", "c.FILEPART", "d.csv~"].map { file($0) })
        let then = named.next()
        #expect(then == .nothing)
    }

    @Test func `wait for their manifest where it is required, and for its end`() throws {
        var missing = try made([file("a.csv")], ["manifest": "required"])
        let waiting = wait(missing.next())
        #expect(waiting?.sentence.contains("a.csv.manifest") == true)
        var young = try made([file("a.csv", manifestAge: 1)], ["manifest": "required"])
        let longer = wait(young.next())
        #expect(longer?.duration == .seconds(9))
        let whole = file("a.csv", manifestAge: 20)
        var there = try made([whole], ["manifest": "required"])
        let next = there.next()
        #expect(next == .hash(whole))
    }

    @Test(
        arguments: [
            (ConfinedFolder.Entry.Kind.link, "file_is_link"), (.sharedFile, "file_has_links"),
            (.special, "file_no_file"),
            (.unreadableName, "file_name"),
        ]
    )
    func `that are none are refused, by name`(kind: ConfinedFolder.Entry.Kind, code: String) throws {
        var queue = try made([file("a.csv", kind), file("b.csv")])
        guard case .refuse(let found, let sentence) = queue.next() else {
            Issue.record("not refused")
            return
        }
        #expect(found == code)
        #expect(sentence.hasPrefix("a.csv "))
        var folders = try made([file("a.csv", .folder)])
        let next = folders.next()
        #expect(next == .nothing)
    }
}
