internal import Glibc
internal import JSON
internal import Platform

/// Looks at the plug-in folder without running any of it, and remembers what it has read.
///
/// Only files named `….so` count. A file is read once for each state it is in (device, number, size, time of change).
/// The copies in memory are kept for the connectors that were asked for, as long as their files stay as they are.
struct PluginsFolder {
    let path: String
    let areUnsignedAllowed: Bool

    private var verdicts: [String: (state: FileState, verdict: Verdict)] = [:]
    private var copies: [String: (state: FileState, file: SealedFile)] = [:]

    init(path: String, areUnsignedAllowed: Bool) {
        self.path = path
        self.areUnsignedAllowed = areUnsignedAllowed
    }

    /// What is there now.
    mutating func catalog() throws(ConnectorError) -> Catalog {
        let names = try fileNames()
        var catalog = Catalog(connectors: [], refused: [])
        for name in names {
            switch verdict(on: "\(path)/\(name)", keepingCopy: false).0 {
            case .usable(let connector): catalog.connectors.append(connector)
            case .refused(let file): catalog.refused.append(file)
            }
        }
        forget(except: Set(names.map { "\(path)/\($0)" }))
        refuseRepeatedIdentifiers(in: &catalog)
        catalog.connectors.sort { $0.id < $1.id }
        catalog.refused.sort { $0.path < $1.path }
        return catalog
    }

    /// The bytes to load for a connector of the catalogue, and the manifest that was read from these very bytes.
    mutating func load(_ connector: InstalledConnector) throws(ConnectorError) -> (InstalledConnector, SealedFile) {
        switch verdict(on: connector.path, keepingCopy: true) {
        case (.usable(let current), let file?):
            guard current.id == connector.id else {
                throw ConnectorError(
                    .conflict,
                    code: "connector_changed",
                    message: "The connector file \(connector.path) was replaced by another connector just now.",
                    isAboutTheHost: true
                )
            }
            return (current, file)
        case (.refused(let file), _):
            throw file.error
        case (.usable, nil):
            throw ConnectorError(
                .internal,
                code: "connector_unread",
                message: "The connector file \(connector.path) was not kept.",
                isAboutTheHost: true
            )
        }
    }

    /// Reads a file anywhere, as `catalog` reads those of the folder. None of it is run: so neither a signature nor who may
    /// change the file matters.
    static func inspect(_ path: String) throws(ConnectorError) -> InstalledConnector {
        switch verdict(onFile: path) {
        case .usable(let connector): return connector
        case .refused(let file): throw file.error
        }
    }

    private static func verdict(onFile path: String) -> Verdict {
        do throws(SystemError) {
            let file = try FileDescriptor.open(path, O_RDONLY | O_NONBLOCK)
            if let refusal = shapeRefusal(of: path, state: FileState(try file.status())) { return .refused(refusal) }
            return verdict(on: try SealedFile(copying: file, name: name(of: path)), path: path)
        } catch {
            return .refused(unreadable(path, error))
        }
    }

    private static func name(of path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }

    private static func unreadable(_ path: String, _ error: SystemError) -> RefusedFile {
        RefusedFile(
            path: path,
            reason: "it can't be read (\(error))",
            hint: "Make it readable for the host's user.",
            places: [error.subject]
        )
    }

    private enum Verdict {
        case usable(InstalledConnector)
        case refused(RefusedFile)
    }

    private struct FileState: Equatable {
        var device: UInt
        var number: UInt
        var size: Int
        var seconds: Int
        var nanoseconds: Int
        var mode: UInt32

        init(_ status: stat) {
            device = UInt(status.st_dev)
            number = UInt(status.st_ino)
            size = Int(status.st_size)
            seconds = Int(status.st_mtim.tv_sec)
            nanoseconds = Int(status.st_mtim.tv_nsec)
            mode = UInt32(status.st_mode)
        }
    }

    private mutating func verdict(on path: String, keepingCopy isKept: Bool) -> (Verdict, SealedFile?) {
        do throws(SystemError) {
            let file = try FileDescriptor.open(path, O_RDONLY | O_NONBLOCK)
            let state = FileState(try file.status())
            if let refusal = try refusal(of: path, state: state) { return (.refused(refusal), nil) }
            if let known = verdicts[path], known.state == state {
                if !isKept { return (known.verdict, nil) }
                if let copy = copies[path], copy.state == state { return (known.verdict, copy.file) }
            }
            let copy = try SealedFile(copying: file, name: Self.name(of: path))
            let verdict = Self.verdict(on: copy, path: path)
            verdicts[path] = (state, verdict)
            copies[path] = isKept ? (state, copy) : nil
            return (verdict, copy)
        } catch {
            return (.refused(Self.unreadable(path, error)), nil)
        }
    }

    /// What can't be a connector, whatever its content.
    private static func shapeRefusal(of path: String, state: FileState) -> RefusedFile? {
        guard state.mode & UInt32(S_IFMT) == UInt32(S_IFREG) else {
            return RefusedFile(
                path: path,
                reason: "it is no regular file",
                hint: "Put the connector's .so itself there."
            )
        }
        guard state.size <= Int(SealedFile.largestSize) else {
            return RefusedFile(path: path, reason: "it is larger than 256 MiB", hint: "Strip it: strip \(path)")
        }
        return nil
    }

    /// Refusals that don't depend on the file's content.
    private func refusal(of path: String, state: FileState) throws(SystemError) -> RefusedFile? {
        if let refusal = Self.shapeRefusal(of: path, state: state) { return refusal }
        guard state.mode & UInt32(S_IWOTH) == 0 else {
            return RefusedFile(path: path, reason: "everybody may change it", hint: "Run: chmod o-w \(path)")
        }
        let real = try FileDescriptor.realPath(of: path)
        let folder = real.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 }
        let parent = try FileDescriptor.open(folder.isEmpty ? "/" : folder, O_RDONLY | O_DIRECTORY).status()
        guard parent.st_mode & S_IWOTH == 0 else {
            return RefusedFile(
                path: path,
                reason: "everybody may change the folder \(folder)",
                hint: "Run: chmod o-w \(folder)",
                places: [folder]
            )
        }
        guard areUnsignedAllowed else {
            return RefusedFile(
                path: path,
                reason: "it is not signed",
                hint: "This version checks no signatures yet: allow unsigned connectors with --unsigned-plugins allow."
            )
        }
        return nil
    }

    private static func verdict(on file: SealedFile, path: String) -> Verdict {
        func refused(_ reason: String, _ hint: String) -> Verdict {
            .refused(RefusedFile(path: path, reason: reason, hint: hint))
        }
        let notes: [ELFNotes.Note]
        do throws(ELFError) {
            notes = try ELFNotes.notes(named: "TrainFlow", type: 1, in: file)
        } catch {
            return refused(error.reason, "Put a connector built for this machine there, or take the file away.")
        }
        guard let note = notes.first else {
            return refused("it carries no TrainFlow manifest", "Build it with TFC_MANIFEST, or take the file away.")
        }
        guard notes.count == 1 else {
            return refused("it carries \(notes.count) manifests", "Build it with one TFC_MANIFEST.")
        }
        do throws(ManifestError) {
            let manifest = try Manifest(reading: note.bytes)
            return .usable(InstalledConnector(manifest: manifest, path: path, size: file.size))
        } catch {
            return refused(error.message, "Mend the manifest and build the connector again.")
        }
    }

    private func fileNames() throws(ConnectorError) -> [String] {
        let isOpenToAll: Bool
        let names: [String]
        do throws(SystemError) {
            let folder = try FileDescriptor.open(path, O_RDONLY | O_DIRECTORY)
            isOpenToAll = try folder.status().st_mode & S_IWOTH != 0
            names = try folder.entries()
        } catch {
            throw ConnectorError(
                .config,
                code: "plugins_folder_unreadable",
                message: "The plug-in folder \(path) can't be read (\(error)). Check --plugins.",
                isAboutTheHost: true
            )
        }
        guard !isOpenToAll else {
            throw ConnectorError(
                .forbidden,
                code: "plugins_folder_open",
                message: "Everybody may change the plug-in folder \(path). Run: chmod o-w \(path)",
                isAboutTheHost: true
            )
        }
        return names.filter { $0.hasSuffix(".so") }.sorted()
    }

    private func refuseRepeatedIdentifiers(in catalog: inout Catalog) {
        let groups = Dictionary(grouping: catalog.connectors, by: \.id).filter { $0.value.count > 1 }
        catalog.connectors.removeAll { groups[$0.id] != nil }
        for (id, files) in groups {
            for file in files {
                let others = files.filter { $0.path != file.path }.map(\.fileName).joined(separator: ", ")
                catalog.refused.append(
                    RefusedFile(
                        path: file.path,
                        reason: "its id \(id) is also that of \(others)",
                        hint: "Leave one of them in the folder."
                    )
                )
            }
        }
    }

    private mutating func forget(except paths: Set<String>) {
        verdicts = verdicts.filter { paths.contains($0.key) }
        copies = copies.filter { paths.contains($0.key) }
    }
}
