use super::*;
use crate::conversion::{Compression, Packing};
use crate::workflow::copy::{Choice, Format, Scope};

fn base(text: &str) -> Base {
    Base::read(text)
        .expect("something is named")
        .expect("a registry")
}

fn pairs(text: &str) -> Vec<Pair> {
    let lines = read(text, Some(&base("m.example/mirror")));
    lines
        .into_iter()
        .map(|line| line.pair.expect("a pair"))
        .collect()
}

fn wrong(text: &str, to: &str) -> Vec<String> {
    let base = Base::read(to).and_then(Result::ok);
    let lines = read(text, base.as_ref()).into_iter();
    let said = lines.filter_map(|line| {
        let why = line.pair.err()?;
        Some(format!("{}: {why}", line.number))
    });
    said.collect()
}

fn image(standing: Standing) -> Image {
    Image {
        standing,
        ..Image::waiting()
    }
}

/// An image of that standing with a plan of 100 bytes.
fn planned(standing: Standing, sent: u64) -> Image {
    Image {
        has_plan: true,
        manifests: 2,
        bytes: 100,
        there: 7,
        mounted: 5,
        sent,
        ..image(standing)
    }
}

#[test]
fn a_source_keeps_its_repository_and_tag_below_the_base() {
    let to = |source: &str, to: &str| {
        let lines = read(source, Some(&base(to)));
        let pair = lines[0].pair.clone().expect("a pair");
        pair.to()
    };
    let nginx = "docker.io/library/nginx:1.27";
    assert_eq!(
        to(nginx, "registry.example.com/mirror"),
        "registry.example.com/mirror/library/nginx:1.27"
    );
    assert_eq!(to("nginx", "r.example/"), "r.example/library/nginx:latest");
    assert_eq!(
        to("ghcr.io/o/app:2", "localhost:5000"),
        "localhost:5000/o/app:2"
    );
    // The digest says what is read.
    let digest = Digest::sha256(b"{}");
    let pinned = format!("ghcr.io/o/app:2@{digest}");
    assert_eq!(to(&pinned, "r.example/a/b"), "r.example/a/b/o/app:2");
    assert_eq!(
        to("a.example/app:1", "http://r.example/"),
        "http://r.example/app:1"
    );
    // Without a host it is Docker Hub's, as for every tool.
    assert_eq!(base("team/").to_string(), "docker.io/team");
    assert_eq!(Base::read("  "), None);
    assert!(Base::read("r.example/mirror:1").is_some_and(|read| read.is_err()));
}

#[test]
fn a_line_may_name_its_own_target_and_say_http() {
    let pairs = pairs(
        "# all of them\n\n docker://a.example/one:1  http://b.example/uno \nhttp://a.example/two # later\n",
    );
    assert_eq!(pairs.len(), 2);
    assert_eq!(
        (pairs[0].from(), pairs[0].to()),
        (
            "a.example/one:1".into(),
            "http://b.example/uno:latest".into()
        )
    );
    assert_eq!((pairs[1].source_http, pairs[1].target_http), (true, false));
    assert_eq!(pairs[1].to(), "m.example/mirror/two:latest");
}

#[test]
fn what_is_no_copy_is_told_at_its_line() {
    let digest = Digest::sha256(b"{}");
    let text = format!(
        "a.example/one:1\na b c\na.example/Two:1\na.example/three:1 b.example/three@{digest}\na.example/four@{digest}\nm.example/five:1 m.example/five:1\na.example/six m.example/one:1\na.example/seven archive.invalid/a.tar"
    );
    let wrong = wrong(&text, "m.example");
    assert_eq!(wrong[0], "2: 3 words: a line is SOURCE or SOURCE TARGET");
    assert!(wrong[1].starts_with("3: the source: "), "{wrong:?}");
    assert_eq!(
        wrong[2..],
        [
            "4: a target has a tag, not a digest",
            "5: its source has no tag to keep: name its target",
            "6: its target is its source",
            "7: line 1 has the same target",
            "8: an archive is no target",
        ]
    );
}

#[test]
fn a_line_without_target_needs_one_for_all() {
    let text = "a.example/one:1\na.example/two:1 b.example/two:1";
    assert_eq!(
        wrong(text, ""),
        ["1: it has no target, and none is named for all"]
    );
    // The same repository under the same name is the image itself, however it is written.
    assert_eq!(wrong("nginx", "docker.io"), ["1: its target is its source"]);
    assert_eq!(wrong("nginx:1 nginx:2", ""), [""; 0]);
}

#[test]
fn more_lines_than_are_copied_are_refused() {
    let lines: Vec<_> = (0..502).map(|tag| format!("a.example/app:{tag}")).collect();
    assert_eq!(
        wrong(&lines.join("\n"), "m.example"),
        ["501: more than 500 images"]
    );
}

#[test]
fn four_are_planned_at_once() {
    use Standing::{Planned, Planning, Unplanned, Waiting};
    let next = |standings: &[Standing]| to_plan(standings, false).collect::<Vec<_>>();
    assert_eq!(next(&[Waiting; 6]), [0, 1, 2, 3]);
    assert_eq!(
        next(&[
            Planned, Planning, Unplanned, Planning, Waiting, Waiting, Waiting
        ]),
        [4, 5]
    );
    assert_eq!(next(&[Planning; 4]), [0; 0]);
    // Where layers are compressed, one at a time: the next may share some of them.
    let heavy = |standings: &[Standing]| to_plan(standings, true).collect::<Vec<_>>();
    assert_eq!(heavy(&[Planned, Waiting, Waiting]), [1]);
    assert_eq!(heavy(&[Planning, Waiting]), [0; 0]);
}

#[test]
fn an_address_has_what_was_chosen_and_no_more() {
    let exact = Choice::default();
    assert_eq!(written(&exact, &[]), [""; NAMES.len()]);
    for scope in Scope::ALL {
        for format in Format::ALL {
            let choice = Choice {
                scope,
                format,
                referrers: true,
                ..Choice::default()
            };
            let texts = written(&choice, &[]);
            assert_eq!(choice_in(&texts), choice);
        }
    }
    let odd = ["half", "", "v3", "gzip", "12", "everything", "all"].map(str::to_owned);
    let read = choice_in(&odd);
    assert_eq!((read.scope, read.format), (Scope::All, Format::Exact));
    // Gzip has nine levels.
    assert_eq!(read.compression, Some(Compression::from(Packing::Gzip)));
}

#[test]
fn one_is_written_after_the_other_and_one_that_fails_stops_none() {
    let pairs = pairs("a.example/one:1\na.example/two:1\na.example/three:1");
    let mut images = vec![
        planned(Standing::Planned, 0),
        image(Standing::Unplanned),
        planned(Standing::Planned, 0),
    ];
    let mut run = Run::start(&images);
    assert_eq!(run.next(&pairs, &images), Some((0, Due::Start)));
    images[0].standing = Standing::Running;
    assert_eq!(run.next(&pairs, &images), None);
    images[0].standing = Standing::Stopped;
    assert_eq!(run.next(&pairs, &images), Some((2, Due::Start)));
    images[2] = planned(Standing::Copied, 100);
    assert_eq!(run.next(&pairs, &images), None);
    assert!(run.is_over() && !run.is_going());
    // What failed is taken up again: one had no plan.
    run.go_on(&images);
    assert_eq!(run.next(&pairs, &images), Some((0, Due::GoOn)));
    images[0] = planned(Standing::Copied, 100);
    assert_eq!(run.next(&pairs, &images), Some((1, Due::Plan)));
    images[1].standing = Standing::Planning;
    assert_eq!(run.next(&pairs, &images), None);
    images[1].standing = Standing::Planned;
    assert_eq!(run.next(&pairs, &images), Some((1, Due::Start)));
    images[1].standing = Standing::Differs;
    assert_eq!(run.next(&pairs, &images), None);
    assert!(run.is_over());
}

#[test]
fn what_was_halted_goes_on_first() {
    let pairs = pairs("a.example/one:1\na.example/two:1");
    let mut images = vec![planned(Standing::Planned, 0), planned(Standing::Planned, 0)];
    let mut run = Run::start(&images);
    assert_eq!(run.next(&pairs, &images), Some((0, Due::Start)));
    assert_eq!(run.halt(), Some(0));
    images[0].standing = Standing::Stopped;
    assert_eq!(run.next(&pairs, &images), None);
    assert!(!run.is_over());
    run.go_on(&images);
    assert_eq!(run.next(&pairs, &images), Some((0, Due::GoOn)));
}

#[test]
fn what_another_image_brought_meanwhile_is_planned_anew() {
    let pairs = pairs("a.example/one:1\na.example/one:2\na.example/two:1");
    let mut images = vec![planned(Standing::Planned, 0); 3];
    let mut run = Run::start(&images);
    assert_eq!(run.next(&pairs, &images), Some((0, Due::Start)));
    images[0] = planned(Standing::Copied, 100);
    assert_eq!(run.next(&pairs, &images), Some((1, Due::Plan)));
    assert_eq!(run.next(&pairs, &images), Some((1, Due::Start)));
    images[1] = planned(Standing::Copied, 0);
    assert_eq!(run.next(&pairs, &images), Some((2, Due::Start)));
}

#[test]
fn the_sum_has_what_has_a_plan_and_says_where_it_is_at_most() {
    let pairs = pairs("a.example/one:1\na.example/one:2\na.example/two:1\na.example/three:1");
    let images = [
        planned(Standing::Copied, 100),
        planned(Standing::Planned, 0),
        image(Standing::Unplanned),
        image(Standing::Planning),
    ];
    let sums = Sums::new(pairs.iter().zip(&images));
    let expected = Sums {
        images: 4,
        planned: 2,
        unknown: 1,
        copied: 1,
        tags: 2,
        manifests: 4,
        bytes: 200,
        sent: 100,
        there: 14,
        mounted: 10,
        is_at_most: false,
    };
    assert_eq!(sums, expected);
    let both = [planned(Standing::Planned, 0), planned(Standing::Planned, 0)];
    assert!(Sums::new(pairs.iter().zip(&both)).is_at_most);
}

#[test]
fn the_report_has_those_of_all_and_says_why_one_has_no_plan() {
    let pairs = pairs("a.example/one:1\na.example/two:1");
    let copied = planned(Standing::Copied, 100);
    let gone = Image {
        why: Some("there is \"none\"".to_owned()),
        ..image(Standing::Unplanned)
    };
    let images = |whole: &str| {
        [
            (&pairs[0], &copied, Some(whole.to_owned())),
            (&pairs[1], &gone, None),
        ]
    };
    let text = Report {
        images: &images("outcome: copied\n"),
    }
    .text();
    assert_eq!(
        text,
        "outcome: incomplete\ncopied: 1 of 2\nbytes sent: 100 of 100\n\noutcome: copied\n\noutcome: no plan\nfrom: a.example/two:1\nto: m.example/mirror/two:1\nfailed: there is \"none\"\n"
    );
    let json = Report {
        images: &images(r#"{"outcome":"copied"}"#),
    }
    .json();
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["outcome"], "incomplete");
    assert_eq!(json["copies"][0]["outcome"], "copied");
    assert_eq!(json["copies"][1]["failures"][0], "there is \"none\"");
    assert_eq!((&json["copied"], &json["images"]), (&1.into(), &2.into()));
}
