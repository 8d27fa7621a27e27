//! Copies a store into another database: from SQLite into PostgreSQL, back, or between two of a kind.
//!
//! Owns the order: mark, rows, words, proof, end of the mark. A kill between any two steps, and the
//! same copy again, completes it. Never touches the archive, and never writes to the store that it copies.

mod aside;
mod counters;
mod mark;
mod rows;
mod side;
mod tables;

use sha2::{Digest as _, Sha256};

use self::mark::Mark;
use self::rows::{Digest, Range};
use self::side::Side;
use self::tables::Table;
use crate::model::sha256_hex;
use crate::store::search::{clear_words, write_words_after};
use crate::store::{Purpose, Store, StoreError, StorePlace};

/// How far a copy is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyStep {
    /// So many rows are there, of so many.
    Rows(u64, u64),
    /// The words of so many articles are in the index.
    Words(u64),
    /// So many rows are compared, of so many in both stores.
    Proof(u64, u64),
}

/// What a copy holds, compared with the store from which it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// How many tables were compared.
    pub tables: usize,
    /// Their rows in the copy.
    pub rows: u64,
    /// The hash of the names, counts and hashes of all tables of the copy.
    pub sha256: String,
    /// Articles, withdrawn ones included.
    pub articles: u64,
    /// The sequence number of the last change.
    pub seq: i64,
    /// What is not equal. Then the copy is not whole.
    pub differing: Vec<Differing>,
    /// Whether an earlier call had made it whole, and this one has only compared.
    pub was_whole: bool,
}

/// Something that is not equal in both stores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Differing {
    /// A table, or a table with the column whose last number differs.
    pub what: String,
    /// Its rows in the store that was copied, or the number.
    pub from: u64,
    /// The same in the copy.
    pub to: u64,
}

/// Who is told how far a copy is.
type Told<'a> = &'a dyn Fn(CopyStep);

impl Store {
    /// Copies the store at `from` into the one at `to`, which must be empty, or holds a part of this
    /// copy; and compares both. No other process may have `from`; nobody uses `to` until it is whole.
    /// A copy that is whole is only compared.
    pub async fn copy(
        from: &StorePlace,
        to: &StorePlace,
        told: Told<'_>,
    ) -> Result<Copied, StoreError> {
        let name = from.name();
        if name == to.name() {
            return Err(StoreError::SameStore { place: name });
        }
        bring_up_to_date(from).await?;
        let mut from = Side::alone(from).await?;
        begin(to).await?;
        let mut to = Side::alone(to).await?;
        let tables = tables::tables(&mut from, &mut to).await?;
        let mark = Mark::begin(&mut to, &tables, name).await?;
        let mut to = to.for_others().await?;
        from.stand_still().await?;
        if !mark.is_whole {
            fill(&mut from, &mut to, &tables, told).await?;
        }
        let copied = compare(&mut from, &mut to, &tables, mark.is_whole, told).await?;
        if !mark.is_whole && copied.differing.is_empty() {
            mark.end(&mut to).await?;
        }
        from.close().await?;
        to.close().await?;
        Ok(copied)
    }
}

/// Gives the store that is copied the schema of this dibao. One that is damaged, of a newer dibao, of
/// the demo, or no store, is refused.
async fn bring_up_to_date(place: &StorePlace) -> Result<(), StoreError> {
    let missing = || StoreError::Missing {
        file: place.shown(),
    };
    if !place.is_begun() {
        return Err(missing());
    }
    let store = Store::connect(place.clone(), false).await?;
    let done = async {
        if !store.is_postgres() {
            store.check().await?;
        }
        if store.schema().await.is_none() {
            return Err(missing());
        }
        store.migrate().await?;
        store.refuse_newer().await?;
        store.refuse_half_copy().await?;
        refuse_demo(&store).await
    };
    let done = done.await;
    store.close().await;
    done
}

/// Makes the store that is filled, if it is not there.
async fn begin(place: &StorePlace) -> Result<(), StoreError> {
    if let StorePlace::File(_) = place {
        let folder = place.folder();
        std::fs::create_dir_all(folder).map_err(|e| StoreError::folder(folder, &e))?;
    }
    let store = Store::connect(place.clone(), true).await?;
    let done = async {
        store.migrate().await?;
        refuse_demo(&store).await
    };
    let done = done.await;
    store.close().await;
    done
}

async fn refuse_demo(store: &Store) -> Result<(), StoreError> {
    match store.purpose().await? {
        Purpose::Real => Ok(()),
        Purpose::Demo => Err(StoreError::IsDemo {
            file: store.file.clone(),
        }),
    }
}

/// Copies what is missing. What an earlier call copied is compared first: a table that has changed
/// since is copied anew.
async fn fill(
    from: &mut Side,
    to: &mut Side,
    tables: &[Table],
    told: Told<'_>,
) -> Result<(), StoreError> {
    let mut all = 0;
    for table in tables {
        all += rows::count(from, table).await?;
    }
    let done = std::cell::Cell::new(0);
    let more = |rows: u64| {
        done.set(done.get() + rows);
        told(CopyStep::Rows(done.get(), all));
    };
    for table in tables {
        let mut last = rows::last_key(to, table).await?;
        if let Some(key) = &last {
            let there = rows::digest(from, table, Range::To(key), |_| ()).await?;
            if there == rows::digest(to, table, Range::All, |_| ()).await? {
                more(there.rows);
            } else {
                rows::clear(to, table).await?;
                // They may be of rows that were deleted.
                clear_words(&mut to.connection).await?;
                last = None;
            }
        }
        rows::copy(from, to, table, last.as_deref(), more).await?;
    }
    fill_words(to, told).await?;
    if to.is_postgres() {
        // Until it looks at its tables by itself, it would not know how large they are.
        for table in tables {
            to.run(format!("ANALYZE \"{}\"", table.name)).await?;
        }
    }
    counters::copy(from, to, tables).await
}

/// Makes the index of words from the articles.
async fn fill_words(to: &mut Side, told: Told<'_>) -> Result<(), StoreError> {
    let last = "SELECT (SELECT rowid FROM search_words ORDER BY rowid DESC LIMIT 1)".to_owned();
    let (mut place, mut done) = (to.number(last).await?, 0);
    loop {
        to.run("BEGIN").await?;
        let (count, last) = write_words_after(&mut to.connection, place).await?;
        to.run("COMMIT").await?;
        if count == 0 {
            return Ok(());
        }
        place = last;
        done += count as u64;
        told(CopyStep::Words(done));
    }
}

/// Compares both stores, each read anew.
async fn compare(
    from: &mut Side,
    to: &mut Side,
    tables: &[Table],
    was_whole: bool,
    told: Told<'_>,
) -> Result<Copied, StoreError> {
    let mut all = 0;
    for table in tables {
        all += rows::count(from, table).await? + rows::count(to, table).await?;
    }
    let done = std::cell::Cell::new(0);
    let more = |rows: u64| {
        done.set(done.get() + rows);
        told(CopyStep::Proof(done.get(), all));
    };
    let (mut differing, mut hash, mut rows) = (Vec::new(), Sha256::new(), 0);
    for table in tables {
        let (source, copy) = tokio::try_join!(
            rows::digest(from, table, Range::All, more),
            rows::digest(to, table, Range::All, more),
        )?;
        if source != copy {
            differing.push(Differing {
                what: table.name.clone(),
                from: source.rows,
                to: copy.rows,
            });
        }
        let Digest {
            rows: count,
            sha256,
        } = copy;
        hash.update(format!("{} {count} {sha256}\n", table.name));
        rows += count;
    }
    let words = "SELECT COUNT(*) FROM search_words";
    let (source, copy) = (
        from.number(words.to_owned()).await?,
        to.number(words.to_owned()).await?,
    );
    differing.extend(Differing::of("search_words".to_owned(), source, copy));
    for table in tables {
        if let Some(column) = &table.counted {
            let source = counters::last(from, &table.name, column).await?;
            let copy = counters::last(to, &table.name, column).await?;
            differing.extend(Differing::of(
                format!("{}.{column}", table.name),
                source,
                copy,
            ));
        }
    }
    let articles = "SELECT COUNT(*) FROM articles WHERE article IS NOT NULL".to_owned();
    Ok(Copied {
        tables: tables.len(),
        rows,
        sha256: sha256_hex(hash),
        articles: u64::try_from(to.number(articles).await?).unwrap_or(0),
        seq: to.number("SELECT MAX(seq) FROM changes".to_owned()).await?,
        differing,
        was_whole,
    })
}

impl Differing {
    /// Of two numbers, if they differ.
    fn of(what: String, from: i64, to: i64) -> Option<Self> {
        let number = |of: i64| u64::try_from(of).unwrap_or(0);
        (from != to).then(|| Self {
            what,
            from: number(from),
            to: number(to),
        })
    }
}
