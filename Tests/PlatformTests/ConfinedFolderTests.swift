import Glibc
import Platform
import TestSupport
import Testing

@Suite struct `A confined folder` {
    private let outside: TemporaryFolder
    private let folder: ConfinedFolder

    init() throws {
        outside = try TemporaryFolder()
        folder = ConfinedFolder(parent: outside.path, name: "own")
        for name in ["own", "own/hr", "other"] { try #require(unsafe mkdir(outside.file(name), 0o700) == 0) }
        _ = try outside.write("secret".utf8, to: "secret.csv")
        _ = try outside.write("other".utf8, to: "other/people.csv")
        _ = try outside.write("people".utf8, to: "own/people.csv")
        _ = try outside.write("inner".utf8, to: "own/hr/people.csv")
    }

    private func link(_ target: String, _ name: String) throws {
        try #require(unsafe symlink(target, outside.file(name)) == 0)
    }

    private func content(_ path: String) throws(ConfinementError) -> String {
        let file = try folder.open(path.split(separator: "/", omittingEmptySubsequences: false).map(String.init))
        do throws(SystemError) {
            return String(decoding: try file.read(100), as: UTF8.self)
        } catch {
            throw ConfinementError(.system(error), [path])
        }
    }

    private func refusal(_ path: String) -> ConfinementError.Reason? {
        do throws(ConfinementError) {
            _ = try content(path)
            return nil
        } catch {
            return error.reason
        }
    }

    private func identity(_ name: String) throws -> FileIdentity {
        try FileIdentity(of: try FileDescriptor.open(outside.file(name), O_RDONLY))
    }

    @Test func `gives its files, in inner folders too`() throws {
        #expect(try content("people.csv") == "people")
        #expect(try content("hr/people.csv") == "inner")
    }

    @Test func `leads nowhere else by its parts`() {
        for path in ["../secret.csv", "hr/../people.csv", "..", ".", "", "hr//people.csv", "/etc/passwd"] {
            #expect(refusal(path) != nil, "\(path)")
        }
        #expect(refusal("../secret.csv") == .outside)
        #expect(refusal("missing.csv") == .missing)
        #expect(refusal("people.csv/x") == .missing)
    }

    @Test func `follows no link, wherever in the path`() throws {
        try link("../secret.csv", "own/file.csv")
        try link("../other", "own/folder")
        try link("people.csv", "own/inside.csv")
        try link("nowhere", "own/broken.csv")
        for path in ["file.csv", "inside.csv", "broken.csv", "folder/people.csv"] {
            #expect(refusal(path) == .link, "\(path)")
        }
    }

    @Test func `must be a folder itself, not a link to one`() throws {
        try link("other", "alias")
        let alias = ConfinedFolder(parent: outside.path, name: "alias")
        #expect(throws: ConfinementError(.link, [])) { _ = try alias.open(["people.csv"]) }
        #expect(throws: ConfinementError(.link, [])) { _ = try alias.entries(of: []) }
    }

    @Test func `refuses what is no file of its own: pipes, folders, files with a second name`() throws {
        try #require(unsafe mkfifo(outside.file("own/pipe.csv"), 0o600) == 0)
        try #require(unsafe Glibc.link(outside.file("secret.csv"), outside.file("own/hard.csv")) == 0)
        #expect(refusal("pipe.csv") == .noFile)
        #expect(refusal("hr") == .noFile)
        #expect(refusal("hard.csv") == .sharedFile)
        let kinds = try #require(try folder.entries(of: [])).reduce(into: [:]) { $0[$1.name] = $1.kind }
        #expect(kinds == ["pipe.csv": .special, "hard.csv": .sharedFile, "hr": .folder, "people.csv": .file])
    }

    @Test func `opens a file only while it is what it was`() throws {
        let before = try identity("own/people.csv")
        _ = try folder.open(["people.csv"], identity: before)
        _ = try outside.write("PEOPLE".utf8, to: "own/people.csv")
        #expect(throws: ConfinementError(.changed, ["people.csv"])) {
            _ = try folder.open(["people.csv"], identity: before)
        }
    }

    @Test func `tells what lies under a path, or looks at some of its names only`() throws {
        try link("other", "own/link")
        #expect(try folder.entry(["hr"])?.kind == .folder)
        #expect(try folder.entry(["hr", "people.csv"])?.kind == .file)
        #expect(try folder.entry(["link"])?.kind == .link)
        for path in [["missing.csv"], ["missing", "people.csv"], [String(repeating: "a", count: 256)]] {
            #expect(try folder.entry(path) == nil, "\(path)")
        }
        for path in [["..", "secret.csv"], [".."], ["hr/people.csv"], ["link", "people.csv"]] {
            #expect(throws: ConfinementError.self, "\(path)") { _ = try folder.entry(path) }
        }
        #expect(try folder.entries(of: [], limit: 2)?.count == 2)
        #expect(try folder.entries(of: [], limit: 9)?.count == 3)
    }

    @Test func `lists nothing of a folder that is not there`() throws {
        #expect(try folder.entries(of: ["missing"]) == nil)
        #expect(try ConfinedFolder(parent: outside.path, name: "missing").entries(of: []) == nil)
        #expect(try ConfinedFolder(parent: outside.file("none"), name: "own").entries(of: []) == nil)
    }

    @Test func `moves a file and never over another`() throws {
        let target = ["archive", "2026-11-30"]
        let first = try folder.move(["people.csv"], identity: try identity("own/people.csv"), into: target)
        #expect(first == "people.csv")
        _ = try outside.write("second".utf8, to: "own/people.csv")
        let second = try folder.move(["people.csv"], identity: try identity("own/people.csv"), into: target)
        #expect(second == "people.csv~2")
        #expect(try content("archive/2026-11-30/people.csv") == "people")
        #expect(try content("archive/2026-11-30/people.csv~2") == "second")
        #expect(!outside.exists("own/people.csv"))
    }

    @Test func `shortens a name that is too long to be numbered`() throws {
        let name = String(repeating: "a", count: 252) + "é"
        for (content, expected) in [("one", name), ("two", String(repeating: "a", count: 252) + "~2")] {
            _ = try outside.write(content.utf8, to: "own/\(name)")
            let moved = try folder.move([name], identity: try identity("own/\(name)"), into: ["archive"])
            #expect(moved == expected)
            #expect(try self.content("archive/\(expected)") == content)
        }
    }

    @Test func `moves neither another file of the same name nor through a link`() throws {
        let before = try identity("own/people.csv")
        _ = try outside.write("another".utf8, to: "own/new.csv")
        try #require(unsafe rename(outside.file("own/new.csv"), outside.file("own/people.csv")) == 0)
        #expect(try folder.move(["people.csv"], identity: before, into: ["archive"]) == nil)
        #expect(try content("people.csv") == "another")
        #expect(try folder.move(["gone.csv"], identity: before, into: ["archive"]) == nil)
        try link("../other", "own/elsewhere")
        let now = try identity("own/people.csv")
        #expect(throws: ConfinementError(.link, ["elsewhere"])) {
            _ = try folder.move(["people.csv"], identity: now, into: ["elsewhere"])
        }
        #expect(try content("people.csv") == "another")
    }
}
