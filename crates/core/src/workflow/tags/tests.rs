//! Registries of every kind answer, as far as lists of tags go, and requests are counted.

use super::*;
use crate::registry::error::ErrorAnswer;

/// A registry with these tags, as a function of the page that is asked for.
type Registry<'a> = &'a dyn Fn(&Page) -> Result<PageAnswer, u16>;

fn failure(status: u16) -> Failure {
    let answer = ErrorAnswer::new(
        "https://r.example/v2/a/tags/list",
        Via::Proxy,
        &crate::registry::transport::Response {
            status,
            headers: Vec::new(),
            body: Vec::new(),
            over_limit: false,
        },
        &[],
    );
    let error = match status {
        404 => RegistryError::NotFound(answer),
        429 => RegistryError::TooManyRequests(answer),
        _ => RegistryError::UnexpectedStatus(answer),
    };
    Failure::Registry(Box::new(error))
}

fn page(tags: &[String], via: Via, next: Option<&str>) -> PageAnswer {
    let quoted: Vec<String> = tags.iter().map(|tag| format!("{tag:?}")).collect();
    PageAnswer {
        bytes: format!("{{\"tags\":[{}]}}", quoted.join(",")).into_bytes(),
        via,
        asked_for: (via == Via::Proxy).then_some(limits::TAGS_IN_A_PAGE),
        next: Ok(next.map(str::to_owned)),
    }
}

fn numbers(range: std::ops::Range<usize>) -> Vec<String> {
    range.map(|number| format!("{number:06}")).collect()
}

fn open() -> (Model, Vec<Effect>) {
    let reference: crate::Reference = "r.example/a".parse().expect("a reference");
    Model::open(Repository::from_reference(&reference), Generation(1))
}

/// Loads a list until nothing is asked for any more; with the pages that were asked for.
fn load(registry: Registry<'_>) -> (Model, Vec<Page>) {
    let (mut model, effects) = open();
    let asked = run(&mut model, effects, registry);
    (model, asked)
}

fn run(model: &mut Model, mut effects: Vec<Effect>, registry: Registry<'_>) -> Vec<Page> {
    let mut asked = Vec::new();
    while !effects.is_empty() {
        let mut next = Vec::new();
        for effect in effects {
            let Effect::Page { generation, page } = effect else {
                continue;
            };
            let result = Box::new(registry(&page).map_err(failure));
            asked.push(page);
            assert!(asked.len() < 500, "a loop");
            next.extend(model.update(Msg::Page { generation, result }));
        }
        effects = next;
    }
    asked
}

fn after(name: &str) -> Page {
    Page::After(name.to_owned())
}

#[test]
fn a_list_without_link_and_of_no_round_number_is_complete_at_once() {
    for via in [Via::Direct, Via::Proxy] {
        let (model, asked) = load(&|_| Ok(page(&numbers(0..7), via, None)));
        assert_eq!(asked, [Page::First]);
        assert_eq!(
            (model.progress(), model.tags().all().len()),
            (&Progress::Complete, 7)
        );
    }
    // `tags: null`, and an empty list.
    for body in ["{\"name\":\"a\",\"tags\":null}", "{\"tags\":[]}", "null"] {
        let (model, asked) = load(&|_| {
            let bytes = body.as_bytes().to_vec();
            Ok(PageAnswer {
                bytes,
                ..page(&[], Via::Proxy, None)
            })
        });
        assert_eq!(
            (asked.len(), model.progress()),
            (1, &Progress::Complete),
            "{body}"
        );
    }
}

#[test]
fn links_are_followed_to_the_end() {
    let (model, asked) = load(&|asked| {
        Ok(match asked {
            Page::First => page(&numbers(0..100), Via::Proxy, Some("u?2")),
            Page::Linked(url) if url == "u?2" => page(&numbers(100..200), Via::Proxy, Some("u?3")),
            _ => page(&numbers(200..269), Via::Proxy, None),
        })
    });
    assert_eq!(asked.len(), 3);
    assert_eq!(
        (model.progress(), model.tags().all().len()),
        (&Progress::Complete, 269)
    );
}

/// CNCF distribution 2.8 ignores `n` and `last` and sends everything each time.
#[test]
fn a_registry_that_sends_everything_again_is_asked_twice_at_most() {
    let all = numbers(0..1000);
    let (model, asked) = load(&|_| Ok(page(&all, Via::Proxy, None)));
    assert_eq!(asked, [Page::First, after("000999")]);
    assert_eq!(
        (model.progress(), model.tags().all().len()),
        (&Progress::Complete, 1000)
    );
    let more = numbers(0..1234);
    let (model, asked) = load(&|_| Ok(page(&more, Via::Proxy, None)));
    assert_eq!((asked.len(), model.progress()), (1, &Progress::Complete));
}

/// crane's registry knows `n` and `last`, sends no `Link`, and begins anew behind the end.
#[test]
fn a_registry_without_links_is_read_by_names() {
    let (model, asked) = load(&|asked| {
        let from = match asked {
            Page::After(last) => last.parse::<usize>().expect("a number") + 1,
            _ => 0,
        };
        let from = if from >= 3000 { 0 } else { from };
        Ok(page(
            &numbers(from..(from + 1000).min(3000)),
            Via::Proxy,
            None,
        ))
    });
    assert_eq!(asked.len(), 4);
    assert_eq!(
        (model.progress(), model.tags().all().len()),
        (&Progress::Complete, 3000)
    );
}

/// zot answers 404 without a body behind a name that it does not have.
#[test]
fn a_page_that_nobody_promised_may_be_refused() {
    for status in [400, 404, 405] {
        let (model, asked) = load(&|asked| match asked {
            Page::First => Ok(page(&numbers(0..100), Via::Direct, None)),
            _ => Err(status),
        });
        assert_eq!((asked.len(), model.progress()), (2, &Progress::Complete));
    }
    // But not that it was asked too often: then nothing is known.
    let (model, _) = load(&|asked| match asked {
        Page::First => Ok(page(&numbers(0..100), Via::Direct, None)),
        _ => Err(429),
    });
    assert!(matches!(
        model.progress(),
        Progress::Partial(Partial::Failed(_))
    ));
}

/// Artifactory and Nexus name addresses that they do not serve.
#[test]
fn a_link_that_fails_is_tried_by_its_name() {
    let link = "https://r.example/v2/a/tags/list?n=1000&last=000099";
    let (model, asked) = load(&|asked| match asked {
        Page::First => Ok(page(&numbers(0..100), Via::Proxy, Some(link))),
        Page::Linked(_) => Err(400),
        Page::After(_) => Ok(page(&numbers(100..130), Via::Proxy, None)),
    });
    let expected = [Page::First, Page::Linked(link.to_owned()), after("000099")];
    assert_eq!(asked, expected);
    assert_eq!(
        (model.progress(), model.tags().all().len()),
        (&Progress::Complete, 130)
    );
    // Where that fails too it is told, and can be tried again.
    let (mut model, asked) = load(&|asked| match asked {
        Page::First => Ok(page(&numbers(0..100), Via::Proxy, Some(link))),
        _ => Err(400),
    });
    assert_eq!(asked.len(), 3);
    assert!(matches!(
        model.progress(),
        Progress::Partial(Partial::Failed(_))
    ));
    assert_eq!(model.update(Msg::Retry).len(), 1);
}

#[test]
fn loops_end_and_are_told() {
    // The same link each time, with the same tags.
    let (model, asked) = load(&|_| Ok(page(&numbers(0..10), Via::Proxy, Some("u?1"))));
    assert_eq!(asked.len(), 2);
    assert_eq!(model.progress(), &Progress::Partial(Partial::Repeats));
    // A circle of links, with new tags each time.
    let count = std::cell::Cell::new(0_usize);
    let (model, asked) = load(&|_| {
        count.set(count.get() + 10);
        let next = ["u?2", "u?1"][usize::from(count.get().is_multiple_of(20))];
        Ok(page(
            &numbers(count.get()..count.get() + 10),
            Via::Proxy,
            Some(next),
        ))
    });
    assert_eq!(asked.len(), 3);
    assert_eq!(model.progress(), &Progress::Partial(Partial::Repeats));
    // New links for ever, with nothing new behind them.
    let (model, asked) = load(&|_| {
        count.set(count.get() + 1);
        let next = format!("u?{}", count.get());
        Ok(page(&numbers(0..10), Via::Proxy, Some(&next)))
    });
    assert_eq!(
        (asked.len(), model.progress()),
        (2, &Progress::Partial(Partial::Repeats))
    );
}

#[test]
fn a_link_to_another_host_is_refused_and_told() {
    let refused = LinkError::OtherOrigin {
        found: "https://evil.example".into(),
    };
    let (model, asked) = load(&|_| {
        Ok(PageAnswer {
            next: Err(refused.clone()),
            ..page(&numbers(0..10), Via::Proxy, None)
        })
    });
    assert_eq!(asked.len(), 1);
    assert_eq!(
        model.progress(),
        &Progress::Partial(Partial::LinkRefused(refused.clone()))
    );
    assert_eq!(model.tags().all().len(), 10, "what came stays");
}

#[test]
fn pages_are_asked_for_up_to_a_bound_and_then_by_a_person() {
    let endless = |asked: &Page| {
        let from = match asked {
            Page::Linked(url) => url.trim_start_matches("u?").parse().expect("a number"),
            _ => 0,
        };
        let next = format!("u?{}", from + 10);
        Ok(page(&numbers(from..from + 10), Via::Proxy, Some(&next)))
    };
    let (mut model, asked) = load(&endless);
    assert_eq!(asked.len(), limits::TAG_PAGES);
    assert_eq!(model.progress(), &Progress::Partial(Partial::Bound));
    assert_eq!((model.tags().all().len(), model.goes_on()), (500, true));
    let effects = model.update(Msg::More);
    assert_eq!(run(&mut model, effects, &endless).len(), limits::TAG_PAGES);
    assert_eq!(model.tags().all().len(), 1000);
}

#[test]
fn a_cancelled_list_goes_on_where_it_was() {
    let (mut model, effects) = open();
    let [Effect::Page { generation, .. }] = effects[..] else {
        panic!("one page")
    };
    let result = || Box::new(Ok(page(&numbers(0..10), Via::Proxy, Some("u?2"))));
    model.update(Msg::Page {
        generation,
        result: result(),
    });
    assert_eq!(model.update(Msg::Cancel), [Effect::Abort]);
    assert_eq!(model.progress(), &Progress::Partial(Partial::Cancelled));
    // An answer that comes all the same counts no more.
    let late = Msg::Page {
        generation,
        result: Box::new(Ok(page(&numbers(50..60), Via::Proxy, None))),
    };
    assert_eq!(model.update(late), []);
    assert_eq!(model.tags().all().len(), 10);
    let [
        Effect::Page {
            page,
            generation: newer,
        },
    ] = &model.update(Msg::More)[..]
    else {
        panic!("the page that was under way")
    };
    assert_eq!(
        (page, *newer > generation),
        (&Page::Linked("u?2".into()), true)
    );
}

#[test]
fn what_is_no_list_is_told_and_asked_for_again() {
    let (mut model, asked) = load(&|_| {
        let bytes = b"<!doctype html>".to_vec();
        Ok(PageAnswer {
            bytes,
            ..page(&[], Via::Proxy, None)
        })
    });
    assert_eq!(asked.len(), 1);
    let html = Progress::Partial(Partial::Unreadable(ListingError::Html));
    assert_eq!(model.progress(), &html);
    assert_eq!(model.update(Msg::Retry).len(), 1);
    let (model, _) = load(&|_| Err(405));
    assert!(matches!(
        model.progress(),
        Progress::Partial(Partial::Failed(_))
    ));
}

#[test]
fn names_that_are_no_tags_are_counted() {
    let (model, _) = load(&|_| {
        let names: Vec<String> = ["1", "<b>", "2", "a b", "1"].map(String::from).into();
        Ok(page(&names, Via::Proxy, None))
    });
    let (shown, count) = model.unusable();
    assert_eq!(
        (shown, count),
        (["<b>".to_owned(), "a b".to_owned()].as_slice(), 2)
    );
    assert_eq!(model.tags().all().len(), 2);
}

fn tag(name: &str) -> Tag {
    name.parse().expect("a tag")
}

fn digest(of: &str) -> Digest {
    Digest::sha256(of.as_bytes())
}

fn told(of: &str) -> TagAnswer {
    TagAnswer {
        details: crate::tags::Details {
            digest: Some(digest(of)),
            ..crate::tags::Details::default()
        },
        was_read: false,
        rate: None,
    }
}

fn asked_about(effects: &[Effect]) -> Vec<String> {
    let asked = effects.iter().filter_map(|effect| match effect {
        Effect::Ask { tag, .. } => Some(tag.to_string()),
        Effect::Page { .. } | Effect::Details { .. } | Effect::Abort => None,
    });
    asked.collect()
}

fn answer(model: &mut Model, name: &str, result: Result<TagAnswer, Failure>) -> Vec<Effect> {
    let generation = model.generation();
    model.update(Msg::Told {
        generation,
        tag: tag(name),
        result,
    })
}

/// A loaded list of 20 tags and two of machines.
fn loaded() -> Model {
    let mut names = numbers(0..20);
    names.push(format!("sha256-{}.sig", "a".repeat(64)));
    load(&|_| Ok(page(&names, Via::Proxy, None))).0
}

#[test]
fn rows_in_view_are_asked_about_eight_at_once_and_each_once() {
    let mut model = loaded();
    let in_view: Vec<Tag> = numbers(0..12).iter().map(|name| tag(name)).collect();
    let effects = model.update(Msg::InView(in_view.clone()));
    assert_eq!(asked_about(&effects), numbers(0..8));
    assert!(model.is_asked(&tag("000000")));
    assert_eq!(
        asked_about(&model.update(Msg::InView(in_view))),
        [""; 0],
        "the same view"
    );
    let effects = answer(&mut model, "000003", Ok(told("3")));
    assert_eq!(asked_about(&effects), ["000008"]);
    // Who turns the page does not wait for what is out of view.
    let effects = model.update(Msg::InView(vec![tag("000019"), tag("000003")]));
    assert_eq!(asked_about(&effects), [""; 0], "eight are under way");
    let effects = answer(&mut model, "000000", Ok(told("0")));
    assert_eq!(asked_about(&effects), ["000019"]);
    assert_eq!(model.pending(), 8);
}

#[test]
fn a_tag_that_is_gone_is_not_asked_about_again() {
    let mut model = loaded();
    model.update(Msg::InView(vec![tag("000001")]));
    answer(&mut model, "000001", Err(failure(404)));
    assert!(model.is_gone(&tag("000001")) && model.trouble().is_none());
    assert_eq!(
        asked_about(&model.update(Msg::InView(vec![tag("000001")]))),
        [""; 0]
    );
    assert_eq!(model.to_ask(), 19);
}

#[test]
fn a_failure_ends_the_questions_until_somebody_asks_again() {
    let mut model = loaded();
    model.update(Msg::InView(
        numbers(0..12).iter().map(|name| tag(name)).collect(),
    ));
    answer(&mut model, "000000", Err(failure(429)));
    assert!(model.trouble().is_some());
    assert_eq!(model.pending(), 7, "those under way");
    assert_eq!(
        asked_about(&answer(&mut model, "000001", Ok(told("1")))),
        [""; 0]
    );
    assert_eq!(
        asked_about(&model.update(Msg::Retry)).len(),
        2,
        "up to eight again"
    );
}

#[test]
fn tags_of_a_digest_are_found_with_as_many_requests_as_were_named() {
    let mut model = loaded();
    model.update(Msg::InView(vec![tag("000000")]));
    answer(&mut model, "000000", Ok(told("x")));
    assert_eq!(
        model.to_ask(),
        19,
        "neither what is known nor what machines wrote"
    );
    let mut waiting = asked_about(&model.update(Msg::Find(digest("x"))));
    let mut asked = 0;
    while let Some(name) = waiting.pop() {
        asked += 1;
        let of = if name == "000007" { "x" } else { "y" };
        waiting.extend(asked_about(&answer(&mut model, &name, Ok(told(of)))));
    }
    assert_eq!((asked, model.pending(), model.to_ask()), (19, 0, 0));
    let expected = Search {
        digest: digest("x"),
        of: 19,
    };
    assert_eq!(model.search(), Some(&expected));
    let found = model
        .tags()
        .all()
        .iter()
        .filter(|it| it.digest() == Some(&digest("x")));
    assert_eq!(found.count(), 2);
}

#[test]
fn a_search_can_be_stopped_and_what_was_learned_stays() {
    let mut model = loaded();
    model.update(Msg::Find(digest("x")));
    answer(&mut model, "000019", Ok(told("x")));
    assert_eq!(model.update(Msg::Cancel), [Effect::Abort]);
    assert_eq!((model.pending(), model.search()), (0, None));
    assert_eq!(model.to_ask(), 19);
}

#[test]
fn manifests_are_read_where_the_registry_hides_their_digests() {
    let mut model = loaded();
    model.update(Msg::InView(vec![tag("000001")]));
    let read = TagAnswer {
        was_read: true,
        ..told("1")
    };
    answer(&mut model, "000001", Ok(read));
    let effects = model.update(Msg::InView(vec![tag("000002")]));
    assert!(matches!(&effects[..], [Effect::Ask { reads: true, .. }]));
}

/// What an API tells of many tags is not asked for tag by tag.
#[test]
fn an_api_is_asked_before_any_tag_is() {
    let reference: crate::Reference = "nginx".parse().expect("a reference");
    let place = Repository::from_reference(&reference);
    let (mut model, _) = Model::open(place, Generation(1));
    let generation = model.generation();
    model.update(Msg::InView(vec![tag("000000"), tag("000001")]));
    let result = Box::new(Ok(page(&numbers(0..3), Via::Proxy, None)));
    let effects = model.update(Msg::Page { generation, result });
    let expected = Effect::Details {
        generation,
        source: Source::DockerHub,
        page: 1,
    };
    assert_eq!(effects, [expected]);
    let body = |next: &str| {
        let text = format!(
            "{{\"next\":{next},\"results\":[{{\"name\":\"000000\",\"digest\":\"{}\"}}]}}",
            digest("0")
        );
        Ok(Some(text.into_bytes()))
    };
    let mut page = 1;
    loop {
        let details = Msg::Details {
            generation,
            source: Source::DockerHub,
            page,
            result: body("\"u\""),
        };
        let effects = model.update(details);
        let [Effect::Details { page: next, .. }] = effects[..] else {
            assert_eq!(asked_about(&effects), ["000001"], "the rest, tag by tag");
            break;
        };
        page = next;
    }
    assert_eq!(page, limits::TAG_DETAIL_PAGES);
    // That there is no such API, or that it fails, is no trouble.
    for result in [Ok(None), Err(failure(404)), Ok(Some(b"<html>".to_vec()))] {
        let (mut model, asked) = load(&|_| Ok(self::page(&numbers(0..3), Via::Direct, None)));
        assert_eq!(asked.len(), 1);
        model.update(Msg::AskZot);
        assert_eq!(model.update(Msg::InView(vec![tag("000001")])), []);
        let details = Msg::Details {
            generation: model.generation(),
            source: Source::Zot,
            page: 1,
            result,
        };
        assert_eq!(asked_about(&model.update(details)), ["000001"]);
        assert!(model.trouble().is_none());
    }
}

/// A registry that is no zot sees no question for it, whatever way it is asked.
#[test]
fn only_a_zot_by_name_or_word_is_asked_as_one() {
    let (mut model, _) = load(&|_| Ok(page(&numbers(0..3), Via::Direct, None)));
    let generation = model.generation();
    let asked = model.update(Msg::InView(vec![tag("000000")]));
    assert_eq!(asked_about(&asked), ["000000"]);
    assert!(!model.may_be_zot());
    // Its headers are hidden from pages, so it may be one, and somebody says so.
    let read = TagAnswer {
        was_read: true,
        ..told("0")
    };
    answer(&mut model, "000000", Ok(read));
    assert!(model.may_be_zot());
    let zot = Effect::Details {
        generation,
        source: Source::Zot,
        page: 1,
    };
    assert_eq!(model.update(Msg::AskZot), [zot]);
    assert_eq!((model.pending(), model.may_be_zot()), (1, false));
    let none = Msg::Details {
        generation,
        source: Source::Zot,
        page: 1,
        result: Err(failure(404)),
    };
    assert_eq!(model.update(none), []);
    assert_eq!((model.pending(), model.has_no_search()), (0, true));

    let reference: crate::Reference = "zothub.example/a".parse().expect("a reference");
    for (via, expected) in [(Via::Direct, 1), (Via::Proxy, 0)] {
        let (mut model, _) = Model::open(Repository::from_reference(&reference), Generation(1));
        let generation = model.generation();
        let result = Box::new(Ok(page(&numbers(0..3), via, None)));
        let effects = model.update(Msg::Page { generation, result });
        assert_eq!(
            (effects.len(), model.pending()),
            (expected, expected),
            "{via:?}"
        );
    }
}
