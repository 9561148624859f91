package import SQLite

extension StoreError: SQLiteErrorConvertible {
    /// What a failed SQLite call means for whoever runs TrainFlow. https://sqlite.org/rescode.html
    package init(_ error: SQLiteError) {
        let file = error.database
        let cause = error.description
        if error.isFull {
            self.init(
                .full,
                "The disk that holds \(file) is full, or the file may not grow. Nothing of this step was written. "
                    + "Free space there and start again: a run goes on from its checkpoint.",
                cause: cause
            )
        } else if error.isReadOnly {
            self.init(
                .readOnly,
                "\(file) can't be written. Give this user the right to write the file and its folder, "
                    + "or name another file with --database sqlite:PATH.",
                cause: cause
            )
        } else if error.isBusy {
            self.init(
                .busy,
                "Another program holds \(file) (a backup, or the sqlite3 shell?). End it and try again.",
                cause: cause
            )
        } else if error.isNotADatabase {
            self.init(
                .unavailable,
                "\(file) is no SQLite database. It was left as it is; name another file with --database sqlite:PATH.",
                cause: cause
            )
        } else if error.isCorrupt {
            self.init(
                .corrupt,
                "\(file) is damaged. Stop TrainFlow, keep a copy of the file, and restore the last backup.",
                cause: cause
            )
        } else if error.cannotOpen {
            self.init(
                .unavailable,
                "\(file) can't be opened. Is its folder there, and may this user read and write in it?",
                cause: cause
            )
        } else if error.isOutside {
            self.init(
                .unavailable,
                "\(file) can't be used: the system reports an error below the database (disk, memory, or a closing host).",
                cause: cause
            )
        } else {
            self.init(
                .bug,
                "A statement on \(file) failed that never should. Nothing of this step was written.",
                cause: cause
            )
        }
    }
}
